import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where Debian's chromium package has its own Vulkan: a loader and SwiftShader, which renders on the processor. */
const chromium = '/usr/lib/chromium';
const driver = join(chromium, 'vk_swiftshader_icd.json');

/** What a process needs in its environment so that WebGPU finds a device in software, and no other. */
export const softwareVulkan = { VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: dirname(driver) };

/** And none at all. */
export const noVulkan = { VK_DRIVER_FILES: '/nonexistent', LD_LIBRARY_PATH: dirname(driver) };

/**
 * Whether the device is there. Where `CI` is set it must be; elsewhere what needs it is left out, loudly.
 * @throws Error where it must be there and is not
 */
export function hasSoftwareVulkan(): boolean {
  if (existsSync(driver)) return true;
  const problem = `There is no Vulkan device in software at ${driver}; Debian's package chromium has it.`;
  if (process.env.CI === 'true') throw new Error(problem);
  // eslint-disable-next-line no-console
  console.warn(`\n*** SKIPPED: ${problem} ***\n`);
  return false;
}
