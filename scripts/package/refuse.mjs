// `npm publish` in the repository's root ends here: what is published is the staged folder.
console.error('The repository is not the package. Publish the staged one: see docs/releasing.md.');
process.exit(1);
