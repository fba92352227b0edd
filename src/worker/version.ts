import { version } from '../../package.json';

/** How the program calls itself in reports. */
export const toolName = 'SSM Compress';
export const toolVersion: string = version;
