// From the sources a thread starts as plain JavaScript; it reads TypeScript once it is taught to, whatever started the process. By
// require: the loader of modules would keep a thread of its own beside each.
require('tsx/cjs/api').register();
require(`./${process.argv[2]}.ts`);
