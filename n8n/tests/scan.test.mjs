// What n8n's own scan of community packages says, which a package has to pass to be verified: the scanner's code and rules
// as they are, on the sources and on the packed package. Left out is only where it fetches both from, and that npm has
// recorded who built them: nothing is published yet.

import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
	analyzePackage,
	SOURCE_FILE_PATTERNS,
} from '../node_modules/@n8n/scan-community-package/scanner/scanner.mjs';
import { PACKAGE, unpackTo } from './support/packed.mjs';

/** What the scanner looks at in a published package. */
const PUBLISHED = ['**/*.js', 'package.json'];

let folder;
let packed;

before(async () => {
	folder = await mkdtemp(join(tmpdir(), 'n8n-scan-'));
	packed = join(folder, 'packed');
	await unpackTo(packed, folder);
});

after(async () => await rm(folder, { recursive: true, force: true }));

test('the sources pass', async () => {
	const { passed, details } = await analyzePackage(PACKAGE, SOURCE_FILE_PATTERNS);
	assert.ok(passed, details);
});

test('the packed package passes, depends on nothing and carries nothing else', async () => {
	const { passed, details } = await analyzePackage(packed, PUBLISHED);
	assert.ok(passed, details);
	const about = JSON.parse(await readFile(join(packed, 'package.json'), 'utf8'));
	for (const kind of [
		'dependencies',
		'optionalDependencies',
		'bundleDependencies',
		'bundledDependencies',
	]) {
		assert.equal(about[kind], undefined, kind);
	}
	assert.deepEqual(about.peerDependencies, { 'n8n-workflow': '*' });
	assert.deepEqual((await readdir(packed)).sort(), [
		'LICENSE',
		'README.md',
		'dist',
		'package.json',
	]);
});

test('it would not pass with an exception in a comment, a dependency, or a script of its own', async () => {
	const source = join(folder, 'source');
	await mkdir(source);
	for (const part of ['nodes', 'credentials', 'icons']) {
		await cp(join(PACKAGE, part), join(source, part), { recursive: true });
	}
	const found = async () => (await analyzePackage(source, SOURCE_FILE_PATTERNS)).details ?? '';
	const about = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'));
	await writeFile(join(source, 'package.json'), JSON.stringify(about));
	assert.equal(await found(), '');

	const file = join(source, 'nodes/SparkBot/simplify.ts');
	const code = await readFile(file, 'utf8');
	await writeFile(file, `${code}\n// eslint-disable-next-line no-console\nconsole.log(1);\n`);
	assert.match(await found(), /no-console/);
	await writeFile(file, code);

	const worse = {
		...about,
		dependencies: { axios: '1.0.0' },
		scripts: { postinstall: 'node x.js' },
	};
	await writeFile(join(source, 'package.json'), JSON.stringify(worse));
	const complaints = await found();
	assert.match(complaints, /lifecycle/);
	assert.match(complaints, /no-runtime-dependencies/);
});
