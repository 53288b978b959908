/**
 * Logs the requests of the client with pino, as JSON lines with the fields of each event. Headers and bodies are never
 * logged. The level comes from LOG_LEVEL: debug, info, warn or error.
 *
 * Needs `npm install databar-client pino`. Run it:
 *
 *     DATABAR_API_KEY=... LOG_LEVEL=debug npx tsx examples/logging-pino.ts
 */
import { Databar } from "databar-client";
import { isLogLevel, logTo } from "databar-client/logging";
import pino from "pino";

const level = isLogLevel(process.env.LOG_LEVEL) ? process.env.LOG_LEVEL : "info";
const logger = pino({ level }, process.stdout);

const databar = new Databar({ hooks: logTo(logger.child({ component: "databar" }), { level }) });

const connectors = await databar.connectors.list();
logger.info({ connectors: connectors.length }, "listed the connectors");
