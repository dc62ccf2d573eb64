import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { cacheFolder } from '../../lib/datasets/cache.js';
import { setEnvironment } from './environment.js';

const CLEAN = { CONVFORGE_CACHE: undefined, XDG_CACHE_HOME: undefined, LOCALAPPDATA: undefined };

afterEach(() => {
  vi.restoreAllMocks();
});

it.each([
  ['CONVFORGE_CACHE first', 'linux', { CONVFORGE_CACHE: '/a', XDG_CACHE_HOME: '/b' }, '/a'],
  ['then XDG_CACHE_HOME', 'darwin', { XDG_CACHE_HOME: '/b' }, '/b/convforge'],
  ['not a relative one', 'linux', { XDG_CACHE_HOME: 'b' }, join(homedir(), '.cache', 'convforge')],
  [
    'not empty ones',
    'linux',
    { CONVFORGE_CACHE: '', XDG_CACHE_HOME: '' },
    join(homedir(), '.cache', 'convforge'),
  ],
  ['on macOS', 'darwin', {}, join(homedir(), 'Library', 'Caches', 'convforge')],
  ['on Windows', 'win32', { LOCALAPPDATA: '/local' }, join('/local', 'convforge', 'Cache')],
  ['on Windows without LOCALAPPDATA', 'win32', {}, join(homedir(), 'AppData', 'Local', 'convforge', 'Cache')],
])('the cache folder: %s', (_, platform, variables, expected) => {
  vi.spyOn(process, 'platform', 'get').mockReturnValue(platform as NodeJS.Platform);
  setEnvironment({ ...CLEAN, ...variables });
  expect(cacheFolder()).toBe(expected);
});
