/** Where agent CLIs keep what belongs to their user. Pure; undefined where the environment names no home. */
type Env = Readonly<Record<string, string | undefined>>;

/** `path` in the directory that `variable` names, else in `fallback` of the home. */
export function userDir(env: Env, variable: string, [fallback, path]: readonly [string, string]): string | undefined {
  const own = env[variable];
  const home = env['HOME'];
  return own ? `${own}/${path}` : home ? `${home}/${fallback}/${path}` : undefined;
}
