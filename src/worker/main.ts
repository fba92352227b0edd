import { constants } from 'node:os';
import { SsmError } from '../core/errors';
import { createPeer, type Handlers } from '../protocol/peer';
import { summariseReport } from '../protocol/runSummary';
import { protocolVersion, type WorkerEvents, type WorkerMethods } from '../protocol/worker';
import { boundFile } from './bound/boundFile';
import { compressCheckpoint } from './compress';
import { describeNetwork } from './describeNetwork';
import { installEngine } from './engines/install';
import { evaluateFile } from './evaluate/evaluateFile';
import { inspectCheckpoint } from './inspect';
import { layerCharts } from './layerCharts/layerCharts';
import { layerCurve } from './layerCharts/layerCurve';
import { layerFigures } from './layerFigures';
import {
  isBoundParams,
  isCompressParams,
  isCurveParams,
  isEvaluateParams,
  isFileParams,
  isHello,
  isInspectParams,
  isInstallParams,
  isLayerChartsParams,
  isLayerFiguresParams,
  isRecordingParams,
  isStatisticsParams,
} from './paramGuards';
import { readReport } from './readReport';
import { describeRecording, recordScriptOf } from './recording';
import { tensorStatistics } from './tensorStatistics';
import { threadCount } from './threadPool';
import { traceTradeoff } from './tradeoff';
import { fromWire } from './wire';

/** Entry of the background process: answers requests of the process that forked it, and ends with it. */

/** How long cancelled work may take to clean up once nobody waits for it any more. */
const cleanUpMilliseconds = 1500;

const handlers: Handlers<WorkerMethods, WorkerEvents> = {
  hello({ protocolVersion: theirs }) {
    if (theirs !== protocolVersion) {
      throw new SsmError(
        'bad-request',
        `The worker speaks version ${protocolVersion} of the protocol, not ${theirs}. Restart the editor.`,
      );
    }
    return { pid: process.pid, node: process.version, threads: threadCount() };
  },
  inspect: ({ file, ...options }, { signal }) => inspectCheckpoint(file, signal, options),
  statistics: (params, { signal, emit }) =>
    tensorStatistics(params, signal, (share) => {
      emit('share', share);
    }),
  layerFigures: (params, { signal, emit }) =>
    layerFigures(params, {
      signal,
      onProgress: (share) => {
        emit('share', share);
      },
    }),
  layerCharts: (params, { signal }) => layerCharts(params, { signal }),
  layerCurve: (params, { signal, emit }) =>
    layerCurve(params, {
      signal,
      onProgress: (share) => {
        emit('share', share);
      },
    }),
  compress: (params, { signal, emit }) =>
    compressCheckpoint(params, {
      signal,
      onProgress: (progress) => {
        emit('progress', progress);
      },
    }),
  curve: (params, { signal, emit }) =>
    traceTradeoff(params, {
      signal,
      onProgress: (progress) => {
        emit('progress', progress);
      },
    }),
  evaluate: (params, { signal, emit }) =>
    evaluateFile(params, {
      signal,
      onProgress: (progress) => {
        emit('evaluated', progress);
      },
    }),
  bound: (params, { signal, emit }) =>
    boundFile(params, {
      signal,
      onProgress: (progress) => {
        emit('evaluated', progress);
      },
    }),
  describeNetwork: ({ file, answers }, { signal }) => describeNetwork(file, answers, signal),
  recordScript: (params, { signal }) => recordScriptOf(params, signal),
  describeRecording: (params, { signal }) => describeRecording(params, signal),
  installEngine: ({ engine, folder }, { signal, emit }) =>
    installEngine(engine, folder, {
      signal,
      onLine: (line) => {
        emit('line', line);
      },
    }),
  readReport: ({ file }, { signal }) => readReport(file, signal),
  summariseReport: async ({ file }, { signal }) => summariseReport(await readReport(file, signal)),
};

const peer = createPeer<WorkerMethods, WorkerEvents>({
  send: (message) => {
    if (process.send === undefined || !process.connected) {
      throw new SsmError('worker-lost', 'The process that asked is gone.');
    }
    process.send(message);
  },
  handlers,
  guards: {
    params: {
      hello: isHello,
      inspect: isInspectParams,
      statistics: isStatisticsParams,
      layerFigures: isLayerFiguresParams,
      layerCharts: isLayerChartsParams,
      layerCurve: isLayerChartsParams,
      compress: isCompressParams,
      curve: isCurveParams,
      evaluate: isEvaluateParams,
      bound: isBoundParams,
      describeNetwork: isInspectParams,
      recordScript: isFileParams,
      describeRecording: isRecordingParams,
      installEngine: isInstallParams,
      readReport: isFileParams,
      summariseReport: isFileParams,
    },
  },
  toError: fromWire,
  onProtocolError: (problem) => {
    process.stderr.write(`${problem}\n`);
  },
});

process.on('message', (message) => {
  peer.receive(message);
});
process.once('disconnect', () => {
  peer.close(new SsmError('worker-lost', 'The process that asked is gone.'));
  setTimeout(() => process.exit(0), cleanUpMilliseconds).unref();
});
// An end by `exit` removes temporary files; the default of these signals does not.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
