/** How each real CLI is pointed at a model on loopback: the files that its user has in HOME, and the user's variables. Dummy keys. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const AGENT_NAMES = ['claude', 'codex', 'opencode', 'pi'] as const;
export type AgentName = (typeof AGENT_NAMES)[number];

/** A user who has set up this CLI: writes into `home`, returns the variables of their shell. `url` is the fake's. */
export function settleIn(agent: AgentName, home: string, url: string): Record<string, string> {
  switch (agent) {
    case 'claude':
      return { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'dummy-key' };
    case 'codex':
      put(join(home, '.codex/config.toml'), codexConfig(url));
      return { FAKE_API_KEY: 'dummy-key' };
    case 'opencode':
      put(join(home, '.config/opencode/opencode.json'), JSON.stringify(opencodeConfig(url)));
      return { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' };
    case 'pi':
      // The built-in models of the presets go to the fake.
      put(
        join(home, '.pi/agent/models.json'),
        JSON.stringify({ providers: { anthropic: { baseUrl: url, apiKey: 'dummy-key' } } }),
      );
      return { PI_OFFLINE: '1', PI_TELEMETRY: '0' };
  }
}

const codexConfig = (url: string): string => `model = "fake-model"
model_provider = "fake"
check_for_update_on_startup = false
[model_providers.fake]
name = "fake"
base_url = "${url}/v1"
wire_api = "responses"
env_key = "FAKE_API_KEY"
`;

const opencodeConfig = (url: string): object => ({
  autoupdate: false,
  share: 'disabled',
  model: 'fake/fake-model',
  small_model: 'fake/fake-model',
  provider: {
    fake: {
      npm: '@ai-sdk/openai-compatible',
      name: 'Fake',
      options: { baseURL: `${url}/v1`, apiKey: 'dummy-key' },
      models: {
        'fake-model': {
          name: 'Fake',
          tool_call: true,
          limit: { context: 200_000, output: 8_192 },
          cost: { input: 3, output: 15 },
        },
      },
    },
  },
});

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
