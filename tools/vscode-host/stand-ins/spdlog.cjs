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

module.exports = {
  version: 0,
  Logger,
  createRotatingLogger: create,
  createAsyncRotatingLogger: create,
  setLevel() {},
  setFlushOn() {},
  shutdown() {},
};
