#!/usr/bin/env bun
console.log("hi", process.argv.slice(2), Bun.version);
