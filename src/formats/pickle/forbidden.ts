/**
 * Globals that have no business in a checkpoint: names with which a pickle runs code, reaches files or the network.
 * Nothing is run here in any case; such a file is refused so that nobody is told that it is a sound checkpoint.
 */
const MODULES = new Set(
  (
    'os posix nt posixpath ntpath subprocess _posixsubprocess sys runpy shutil socket _socket importlib _imp imp ctypes ' +
    '_ctypes webbrowser pty codeop pickle _pickle cPickle dill cloudpickle marshal multiprocessing asyncio commands ' +
    'popen2 pdb bdb timeit cProfile profile trace doctest inspect gc signal threading _thread concurrent urllib ' +
    'urllib2 http httplib ftplib smtplib telnetlib requests pip ensurepip venv pkgutil zipimport zipfile tarfile ' +
    'tempfile setuptools platform atexit faulthandler mmap fcntl msvcrt winreg idlelib'
  ).split(' '),
);

const BUILTIN_MODULES = new Set(['builtins', '__builtin__', '__builtins__']);

const BUILTINS = new Set(
  (
    'eval exec execfile compile getattr setattr delattr __import__ open file input raw_input apply breakpoint globals ' +
    'locals vars dir memoryview help exit quit reload map filter classmethod staticmethod property'
  ).split(' '),
);

/** Of modules that have harmless names, too, or whose names people give to modules of their own. */
const SINGLE = new Set([
  'code.interact',
  'code.InteractiveInterpreter',
  'code.InteractiveConsole',
  'types.FunctionType',
  'types.LambdaType',
  'types.MethodType',
  'types.CodeType',
  'operator.attrgetter',
  'operator.methodcaller',
  'operator.itemgetter',
  '_operator.attrgetter',
  '_operator.methodcaller',
  '_operator.itemgetter',
  'torch.load',
  'torch.serialization.load',
  'torch.jit.unsupported_tensor_ops.execWrapper',
  'numpy.load',
  'numpy.testing._private.utils.runstring',
  'pandas.read_pickle',
  'joblib.load',
  'io.open',
  '_io.open',
  '_io.FileIO',
  'io.FileIO',
]);

const PREFIXES = [
  'torch.hub',
  'torch.utils.cpp_extension',
  'torch.utils.model_zoo',
  'torch.distributed.rpc',
  'torch._inductor',
  'torch._dynamo',
  'numpy.f2py',
  'numpy.distutils',
  'distutils.spawn',
  'distutils.core',
  'distutils.command',
];

/** True if a checkpoint that mentions this global is refused. Dotted names are followed: `torch` `serialization.os.system`. */
export function isForbiddenGlobal(module: string, name: string): boolean {
  const full = `${module}.${name}`;
  if (MODULES.has(module.split('.')[0]) || SINGLE.has(full)) return true;
  if (BUILTIN_MODULES.has(module) && BUILTINS.has(name.split('.')[0])) return true;
  if (PREFIXES.some((prefix) => full === prefix || full.startsWith(`${prefix}.`))) return true;
  const steps = name.split('.');
  return (
    steps.length > 1 &&
    steps.some((step) => MODULES.has(step) || BUILTINS.has(step) || step.startsWith('__'))
  );
}
