// Copies main.mjs and the files that @vercel/nft says it needs to a folder. Usage: trace.mjs FOLDER
import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nodeFileTrace } from '@vercel/nft';

const { fileList } = await nodeFileTrace(['main.mjs']);
for (const file of fileList) cpSync(file, join(resolve(process.argv[2]), file), { recursive: true });
