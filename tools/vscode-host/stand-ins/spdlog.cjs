'use strict';
/** Stand-in for `@vscode/spdlog`: the part of its interface that VS Code uses, written in JavaScript. */
const fs = require('node:fs');
const path = require('node:path');

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];

class Logger {
  constructor(name, file) {
    this.name = name;
    this.file = file;
    this.level = levels.indexOf('info');
    this.formatted = true;
    fs.mkdirSync(path.dirname(file), { recursive: true });
  }

  write(level, message) {
    if (level < this.level) return;
    const line = this.formatted
      ? `${new Date().toISOString()} [${levels[level]}] ${message}\n`
      : message;
    try {
      fs.appendFileSync(this.file, line);
    } catch {
      // a log that cannot be written must not end the server
    }
  }

  getLevel() {
    return this.level;
  }

  setLevel(level) {
    this.level = level;
  }

  clearFormatters() {
    this.formatted = false;
  }

  setPattern() {}
  flush() {}
  drop() {}
}
levels.forEach((name, level) => {
  Logger.prototype[name] = function (message) {
    this.write(level, message);
  };
});

const create = (name, file) => Promise.resolve(new Logger(name, file));

// VS Code imports this as an ECMAScript module, which sees only names that are assigned one by one
exports.version = 0;
exports.Logger = Logger;
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.shutdown = () => {};
