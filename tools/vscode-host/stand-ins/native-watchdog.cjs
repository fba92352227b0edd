'use strict';
/** Stand-in for `@vscode/native-watchdog`: the test runner ends the process group itself. */
exports.start = () => {};
