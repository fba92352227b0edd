import { Command, Option } from 'commander';
import { SsmError } from '../core/errors';
import { solverIds, type SolverId } from '../core/solve/solver';
import { sampleSettings } from '../protocol/sampleSettings';
import { engineChoices } from '../protocol/engines';
import { allocationWeights } from '../protocol/allocation';
import { calibrationParts, refinementTitle } from '../protocol/calibration';
import { toolVersion } from '../worker/version';
import type { DataOptions } from './calibration';
import { boundCommand, type BoundCommandOptions } from './commands/bound';
import { compressCommand, type CompressOptions } from './commands/compress';
import { curveCommand, type CurveOptions } from './commands/curve';
import { enginesCommand, type EnginesOptions } from './commands/engines';
import { evaluateCommand, type EvaluateOptions } from './commands/evaluate';
import { recordScriptCommand } from './commands/recordScript';
import { inspectCommand, type InspectOptions } from './commands/inspect';
import {
  collectLayerOrder,
  collectSetting,
  parseHorizon,
  parseOrder,
  parsePositive,
  parseOrders,
  parseParts,
  parsePoints,
  parseSequences,
  parseShare,
  parseSolver,
  parseTau,
  parseWeights,
} from './options';
import type { Terminal } from './terminal';

const defaultSolver: SolverId = 'newton';
const dataOptions = `also in <data>.json beside it: ${Object.keys(sampleSettings).join(', ')}`;

/** Whether something is asked for that only sample data can tell. */
function dependsOnData(
  options: DataOptions & Pick<CompressOptions, 'accuracyLoss' | 'outputError'>,
): boolean {
  const { accuracyLoss, outputError, test, sequences, without } = options;
  return [accuracyLoss, outputError, test, sequences, without].some((one) => one !== undefined);
}

function hasTolerance({ accuracyLoss, outputError, layerError }: CompressOptions): boolean {
  return [accuracyLoss, outputError, layerError].some((one) => one !== undefined);
}

/** The command line as data: what can be typed and what it does. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('ssm')
    .description('Make trained deep state-space models small, and know what was lost.')
    .version(toolVersion)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => {
        write(text.replace(/^error: /, 'ssm: '));
      },
    });

  program
    .command('inspect')
    .description('show the tensors and the state-space layers of a checkpoint')
    .argument('<file>', 'checkpoint: .pt, .pth, .ckpt or .safetensors')
    .addOption(setOption())
    .addOption(fieldsOption())
    .option('--json', 'print JSON')
    .action(async (file: string, options: InspectOptions) => {
      await naming(file, inspectCommand(file, options, terminal));
    });

  program
    .command('compress')
    .description('reduce the state-space layers and write a smaller checkpoint with a report')
    .argument('<file>', 'checkpoint: .pt, .pth, .ckpt or .safetensors')
    .addOption(
      new Option('--order <r>', "reduce to this order, in the unit of the model's d_state")
        .argParser(parseOrder)
        .conflicts(['remove', 'accuracyLoss', 'outputError', 'layerError', 'bound']),
    )
    .option(
      '--remove <share>',
      "remove this share of the model's parameters: 0.3 or 30%",
      parseShare,
    )
    .addOption(
      new Option(
        '--accuracy-loss <points>',
        'take the smallest order that loses at most so many points of accuracy on held-out data (needs --data)',
      )
        .argParser(parsePoints)
        .conflicts(['remove', 'outputError']),
    )
    .addOption(
      new Option(
        '--output-error <share>',
        'take the smallest order whose output differs by at most this share on held-out data: 0.05 or 5% (needs --data)',
      )
        .argParser(parseShare)
        .conflicts('remove'),
    )
    .addOption(
      new Option(
        '--layer-error <share>',
        'take the smallest order whose certified relative h² error is at most this share in every layer: 0.1 or 10%; without sample data',
      )
        .argParser(parseShare)
        .conflicts(['remove', 'accuracyLoss', 'outputError', 'bound', 'data', 'recorded']),
    )
    .addOption(
      new Option(
        '--bound <error>',
        "take the orders with the fewest parameters whose bound of the output's error, in its own unit, is at most this; certified, or by --allocate",
      )
        .argParser(parsePositive)
        .conflicts(['remove', 'accuracyLoss', 'outputError', 'recorded']),
    )
    .option(
      '--horizon <steps>',
      'compare impulse responses over so many steps, or inf; by default as recorded in the file',
      parseHorizon,
    )
    .addOption(
      new Option('--solver <name>', `how to reduce: ${solverIds.join(', ')}`)
        .argParser(parseSolver)
        .default(defaultSolver),
    )
    .option(
      '--tau <horizon>',
      "continuous horizon of algorithm1, where L are the steps of --horizon and delta is the layer's step: L-delta (default), L, 10L, inf",
      parseTau,
    )
    .addOption(
      new Option(
        '--keep-static-gain',
        'choose weights that keep the response of every kernel to a constant input; without sample data',
      ).conflicts(['data', 'recorded']),
    )
    .addOption(setOption())
    .addOption(fieldsOption())
    .option(
      '--layer-order <layer=r>',
      'reduce this layer to an order of its own; repeatable',
      collectLayerOrder,
    )
    .addOption(
      new Option(
        '--allocate [weights]',
        `share the size out over the layers by ${allocationWeights.join(', ')}; by default measured with --data`,
      )
        .argParser(parseWeights)
        .conflicts(['layerOrder', 'perLayer', 'accuracyLoss', 'layerError', 'recorded']),
    )
    .option(
      '--exact-sizes',
      'store each layer at its own order, with a script that loads the result, instead of padding all to the largest',
    )
    .option(
      '--per-layer',
      'with a tolerance: look for orders of single layers that keep it with less; implies --exact-sizes where they do',
    )
    .option(
      '--untie',
      'give each channel poles of its own where a setting of the original code (n_ssm) allows it',
    )
    .option(
      '--data <file>',
      'sample data to calibrate with and, the part held out, to judge by: .npz, .npy, or .jsonl(.gz) of texts',
    )
    .option(
      '--data-option <name=value>',
      `how the data is read, repeatable: ${dataOptions}`,
      collectSetting,
    )
    .option('--test <file>', 'judge by this sample data instead of a part of --data')
    .option('--test-option <name=value>', 'how --test is read, repeatable', collectSetting)
    .option('--sequences <n>', 'how many sequences to calibrate with', parseSequences)
    .option(
      '--without <parts>',
      `parts of the calibration to leave out: ${calibrationParts.join(', ')}`,
      parseParts,
    )
    .option('--refine', `at the end, ${refinementTitle}`)
    .addOption(
      new Option(
        '--recorded <file>',
        'weigh errors by inputs of the layers that record-script recorded, for networks that are not known here',
      ).conflicts(['data', 'accuracyLoss', 'outputError']),
    )
    .addOption(engineOption())
    .addOption(enginesFolderOption())
    .option('-o, --output <file>', 'where to write; by default FILE.order<r> beside FILE')
    .option('--force', 'replace existing output files')
    .option('--json', 'print JSON')
    .action(async (file: string, options: CompressOptions, command: Command) => {
      if (options.tau !== undefined && options.solver !== 'algorithm1') {
        command.error(`error: option '--tau <horizon>' needs '--solver algorithm1'`);
      }
      if (options.data === undefined && dependsOnData(options)) {
        command.error(
          `error: options --accuracy-loss, --output-error, --test, --sequences and --without need '--data <file>'`,
        );
      }
      if (options.perLayer === true && !hasTolerance(options)) {
        command.error(
          `error: option '--per-layer' needs '--accuracy-loss <points>', '--output-error <share>' or '--layer-error <share>'`,
        );
      }
      await naming(file, compressCommand(file, options, terminal));
    });

  program
    .command('curve')
    .description(
      'show what several sizes would keep: calibrated and measured with sample data, else the h² errors of the layers; writes nothing',
    )
    .argument('<file>', 'checkpoint: .pt, .pth, .ckpt or .safetensors')
    .option('--data <file>', 'sample data: .npz, .npy, or .jsonl(.gz) of texts')
    .addOption(
      new Option(
        '--allocate [weights]',
        `sizes with the size shared out over the layers by ${allocationWeights.join(', ')}, and the error that these foretell`,
      )
        .argParser(parseWeights)
        .conflicts('orders'),
    )
    .option(
      '--data-option <name=value>',
      `how the data is read, repeatable: ${dataOptions}`,
      collectSetting,
    )
    .option('--test <file>', 'judge by this sample data instead of a part of --data')
    .option('--test-option <name=value>', 'how --test is read, repeatable', collectSetting)
    .option('--sequences <n>', 'how many sequences to calibrate with', parseSequences)
    .option(
      '--without <parts>',
      `parts of the calibration to leave out: ${calibrationParts.join(', ')}`,
      parseParts,
    )
    .option('--refine', `at the end, ${refinementTitle}`)
    .option('--orders <list>', 'orders to try: 2,4,8', parseOrders)
    .addOption(engineOption())
    .addOption(enginesFolderOption())
    .addOption(setOption())
    .option('--json', 'print JSON')
    .action(async (file: string, options: CurveOptions, command: Command) => {
      if (options.data === undefined && dependsOnData(options)) {
        command.error(`error: options --test, --sequences and --without need '--data <file>'`);
      }
      await naming(file, curveCommand(file, options, terminal));
    });

  program
    .command('evaluate')
    .description('measure a model on sample data, and how far it is from the original')
    .argument('<file>', 'checkpoint: .pt, .pth, .ckpt or .safetensors')
    .requiredOption('--data <file>', 'sample data: .npz, .npy, or .jsonl(.gz) of texts')
    .option(
      '--data-option <name=value>',
      `how the data is read, repeatable; also in <data>.json beside it: ${Object.keys(sampleSettings).join(', ')}`,
      collectSetting,
    )
    .option('--against <file>', 'the original that it was made from')
    .option(
      '--held-out',
      'leave out the sequences that the model was calibrated with, by the report beside it',
    )
    .addOption(setOption())
    .option('--json', 'print JSON')
    .action(async (file: string, options: EvaluateOptions) => {
      await naming(file, evaluateCommand(file, options, terminal));
    });

  program
    .command('bound')
    .description('bound what a compression does to the output, and say which layers do it')
    .argument('<file>', 'compressed checkpoint: .pt, .pth, .ckpt or .safetensors')
    .requiredOption('--against <file>', 'the original that it was made from')
    .option('--data <file>', 'sample data for the calibrated bound and for what is measured')
    .option(
      '--data-option <name=value>',
      'how the data is read, repeatable, as in evaluate',
      collectSetting,
    )
    .option('--sequences <count>', 'take so many sequences of the data', parseOrder)
    .option('--length <steps>', 'positions of a sequence, where no data tells', parseOrder)
    .option('--input-bound <norm>', 'largest norm of an input row', parsePositive)
    .addOption(setOption())
    .addOption(new Option('--csv', 'print a line of figures a layer').conflicts('json'))
    .option('--json', 'print JSON')
    .action(async (file: string, options: BoundCommandOptions) => {
      await naming(file, boundCommand(file, options, terminal));
    });

  program
    .command('record-script')
    .description(
      'print a Python script that records what the layers of a live model receive, for networks that are not known here',
    )
    .argument('<file>', 'checkpoint: .pt, .pth, .ckpt or .safetensors')
    .action(async (file: string) => {
      await naming(file, recordScriptCommand(file, terminal));
    });

  program
    .command('engines')
    .description('list what can compute here, each tried and tested')
    .addOption(enginesFolderOption())
    .option('--json', 'print JSON')
    .action(async (options: EnginesOptions) => {
      await enginesCommand(options, terminal);
    });

  return program;
}

function engineOption(): Option {
  return new Option(
    '--engine <name>',
    'what may search beside the processor; auto measures, and takes the fastest',
  )
    .choices(engineChoices)
    .default('auto');
}

function enginesFolderOption(): Option {
  return new Option(
    '--engines-folder <folder>',
    'where @tensorflow/tfjs-node-gpu or webgpu are installed (in its node_modules)',
  );
}

function setOption(): Option {
  return new Option(
    '--set <name=value>',
    'what neither the file nor a configuration beside it tells: disc=zoh, or layer:disc=zoh; repeatable',
  ).argParser(collectSetting);
}

function fieldsOption(): Option {
  return new Option(
    '--fields <names>',
    'names of the arrays of a file that has none (.eqx), separated by commas, in its order',
  ).argParser((text) => text.split(',').map((name) => name.trim()));
}

/** Names the file in errors that do not name one yet. */
async function naming(file: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw SsmError.is(error) ? error.inFile(file) : error;
  }
}
