// The package as npm would publish it.

import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

export const PACKAGE = new URL('../..', import.meta.url).pathname;

/** Packs what was built and unpacks it to `target`; `folder` is for the archive. */
export async function unpackTo(target, folder) {
	await mkdir(target, { recursive: true });
	const packed = execFileSync(
		'npm',
		['pack', '--silent', '--ignore-scripts', '--pack-destination', folder],
		{ cwd: PACKAGE, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
	);
	const archive = join(folder, packed.trim().split('\n').pop());
	execFileSync('tar', ['xzf', archive, '-C', target, '--strip-components=1']);
}
