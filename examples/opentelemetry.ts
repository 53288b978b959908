/**
 * Traces an enrichment with OpenTelemetry: one span for the run, with the task's id and its credits, one for each call,
 * and one for each attempt. Prints the spans; replace the exporter to send them to your collector.
 *
 * Needs `npm install databar-client @opentelemetry/api @opentelemetry/sdk-trace-base
 * @opentelemetry/context-async-hooks`. It spends the credits of one enrichment. Run it:
 *
 *     DATABAR_API_KEY=... npx tsx examples/opentelemetry.ts stripe.com
 */
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, BatchSpanProcessor, ConsoleSpanExporter } from "@opentelemetry/sdk-trace-base";
import { Databar } from "databar-client";
import { traceTask, traceTo } from "databar-client/otel";

// An application with @opentelemetry/sdk-node has these lines in its set-up already.
const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(new ConsoleSpanExporter())] });
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager());

const domain = process.argv[2] ?? "stripe.com";
const databar = new Databar({ hooks: traceTo() });

try {
  const task = await traceTask("enrichments.runAndWait", (observers) =>
    databar.enrichments.runAndWait<{ email?: string }>(833, { params: { domain } }, observers),
  );
  console.log(task.data?.email ?? "no result");
} finally {
  await provider.shutdown(); // sends the spans that are still in memory
}
