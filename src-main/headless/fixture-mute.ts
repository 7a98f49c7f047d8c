// A stand-in child for tests: it runs and never says hello.
process.on('message', () => undefined);
