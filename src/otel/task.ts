/** A span for a run and its wait. Hooks see no bodies, so the task's id and its credits come from here. */
import { type Attributes, type Span, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import type { TaskResponse } from "../generated/schema.gen.js";
import { checkOptions, FUNCTION } from "../validate.js";
import { TRACER, tracerOf } from "./tracer.js";

/** Callbacks for the options of a run. Of a wait, pass `onProgress` alone. */
export interface TaskObservers {
  /** Records the task's id. */
  onAccepted: (taskId: string) => Promise<void>;
  /** Records the task's status and credits. */
  onProgress: (task: TaskResponse) => Promise<void>;
}

/** Options of {@link traceTask}. */
export interface TraceTaskOptions {
  /** Makes the span. Default: the tracer `databar-client` of the global tracer provider. */
  tracer?: Tracer | undefined;
  /** Your own `onAccepted`, called by the one that {@link traceTask} passes. */
  onAccepted?: ((taskId: string) => unknown) | undefined;
  /** Your own `onProgress`, called by the one that {@link traceTask} passes. */
  onProgress?: ((task: TaskResponse) => unknown) | undefined;
}

/**
 * Makes a span for a run and its wait, with the task's id, status and credits: `databar.task.id`,
 * `databar.task.status`, `databar.credits_spent`. The span is active meanwhile, so that the spans of the calls become
 * its children. Each change of the task's status is an event of the span.
 *
 * @example
 * const task = await traceTask("enrichments.runAndWait", (observers) =>
 *   databar.enrichments.runAndWait(833, { params }, { ...observers, timeoutMs: 60_000 }),
 * );
 * @param operation - The name of the method, for the span: `databar enrichments.runAndWait`.
 * @param run - Starts the run with the observers among its options, and returns its promise.
 * @returns What `run` returns.
 * @throws UsageError for an invalid option, otherwise the error of `run`.
 */
export async function traceTask<Task extends Pick<TaskResponse, "task_id" | "status" | "credits_spent">>(
  operation: string,
  run: (observers: TaskObservers) => PromiseLike<Task>,
  options: TraceTaskOptions = {},
): Promise<Task> {
  checkOptions(options, { tracer: TRACER, onAccepted: FUNCTION, onProgress: FUNCTION });
  const attributes = { "databar.operation": operation };
  return await tracerOf(options.tracer).startActiveSpan(`databar ${operation}`, { attributes }, async (span) => {
    try {
      const task = await run(observe(span, options));
      span.setAttributes(taskAttributes(task));
      return task;
    } catch (error) {
      setError(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

function observe(span: Span, { onAccepted, onProgress }: TraceTaskOptions): TaskObservers {
  let status: unknown;
  return {
    onAccepted: async (taskId) => {
      span.setAttribute("databar.task.id", taskId);
      await onAccepted?.(taskId);
    },
    onProgress: async (task) => {
      const attributes = taskAttributes(task);
      span.setAttributes(attributes);
      if (task.status !== status) {
        status = task.status;
        span.addEvent("databar.task.status", attributes);
      }
      await onProgress?.(task);
    },
  };
}

/** Errors of a run have the task's id, and the task as of the last poll. Their message may quote the server. */
function setError(span: Span, error: unknown): void {
  const { name, taskId, task } = Object(error) as { name?: unknown; taskId?: unknown; task?: TaskResponse };
  span.setAttributes({
    ...(typeof taskId === "string" && { "databar.task.id": taskId }),
    ...(task && taskAttributes(task)),
    "error.type": typeof name === "string" ? name : "_OTHER",
  });
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** The body is the server's: each value is checked. */
function taskAttributes(task: { task_id?: unknown; status?: unknown; credits_spent?: unknown }): Attributes {
  const { task_id, status, credits_spent } = task;
  return {
    ...(typeof task_id === "string" && { "databar.task.id": task_id }),
    ...(typeof status === "string" && { "databar.task.status": status }),
    ...(typeof credits_spent === "number" && { "databar.credits_spent": credits_spent }),
  };
}
