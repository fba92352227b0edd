/** Opens the real VS Code in the browser with the packaged extension and the sample checkpoint. */
import { cpSync } from 'node:fs';
import path from 'node:path';
import { startHost } from '../tools/vscode-host/host.mjs';
import { root, vsix } from './run.mjs';

const host = await startHost({
  vsix,
  port: Number(process.env.PORT ?? 8123),
  fill: (workspace) => {
    cpSync(path.join(root, 'media/samples'), workspace, { recursive: true });
  },
});
const folder = encodeURIComponent(host.workspace);
console.log(`\n  VS Code with SSM Compress:  http://localhost:${host.port}/?folder=${folder}`);
console.log('  Right-click the checkpoint and choose "Compress SSM…". Ctrl+C stops it.\n');
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    void host.stop().then(() => process.exit(0));
  });
}
