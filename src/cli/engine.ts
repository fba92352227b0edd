import {
  engineNames,
  type EngineChoice,
  type EngineRecord,
  type EngineRequest,
} from '../protocol/engines';
import { showName } from '../protocol/shown';

/** What the options say of engines. */
export function engineOf({
  engine: choice = 'auto',
  enginesFolder: folder,
}: {
  readonly engine?: EngineChoice;
  readonly enginesFolder?: string;
}): EngineRequest {
  return { choice, ...(folder === undefined ? {} : { folder }) };
}

/** The engine that searched; nothing where nobody asked for one and none was taken. */
export function describeEngine(record: EngineRecord | undefined): string[][] {
  if (record === undefined || (record.requested === 'auto' && record.used === 'cpu')) return [];
  const { used, device, why, found, processor = [] } = record;
  const name = device === undefined ? engineNames[used] : `${engineNames[used]}, ${device.name}`;
  return [
    ['Engine', showName(`${name}. ${why}`, 300)],
    ...(found === undefined
      ? []
      : [['Lower by it', `${found.lower} of ${found.searched} systems`]]),
    ...processor.map(({ why: stays, layers = [] }) => [
      'Processor',
      showName(layers.length === 0 ? stays : `${layers.join(', ')}: ${stays}`, 300),
    ]),
  ];
}
