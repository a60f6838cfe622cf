// test/simulation/main.ts
import { fork } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

// test/simulation/outside.ts
var DATA = "/data";
var World = class {
  machine;
  /** What the sensor prints. */
  depth = 0;
  /** What the model says, next first; nothing left: noop. */
  decisions = [];
  /** What a model call costs in dollars, as it reports it; undefined: it reports nothing. */
  cost = 0.01;
  deciderFails = false;
  deciders = 0;
  sensors = 0;
  /** Commands that end by themselves; the others run until the end of the faults. */
  commandsEnd = true;
  executions = [];
  running = /* @__PURE__ */ new Set();
  workers = /* @__PURE__ */ new Set();
  /** Answers that a verb has acknowledged to the human: exit code 0. */
  acknowledged = [];
  /** Per command that had to be asked: the asks, as the gate raised them, to which a human began to say yes. */
  yeses = /* @__PURE__ */ new Map();
  /** Ids whose records a hand has edited or removed: nothing is promised about those. */
  byHand = /* @__PURE__ */ new Set();
  /** The disk refused something in this history: best-effort lines may be missing. */
  diskFailed = false;
  #count = 0;
  /** A name that was not used before in this history. */
  next() {
    return ++this.#count;
  }
  outside = (process2, argv, end) => {
    if (argv[0].startsWith(`${DATA}/sensors/`)) {
      this.sensors += 1;
      process2.print(JSON.stringify({ signal: this.depth }));
      return end({ code: 0, signal: null });
    }
    if (argv[1] === "--norc") return this.#decide(process2, end);
    const session = process2.env["TEND_SESSION_ID"];
    if (session === "shell") return this.#command(process2, argv[2] ?? "", end);
    if (argv.at(-1)?.startsWith("check")) return end({ code: 0, signal: null });
    this.#worker(process2);
  };
  #decide(process2, end) {
    this.deciders += 1;
    const said = this.decisions.shift() ?? '{"action":"noop","reason":"all is well"}';
    if (this.cost !== void 0) process2.print(`{"type":"usage","input_tokens":10,"output_tokens":1,"cost_usd":${this.cost}}
`);
    process2.print(`${said}
`);
    end({ code: this.deciderFails ? 1 : 0, signal: null }, 200);
  }
  #command(process2, cmd, end) {
    this.executions.push({ cmd, mark: process2.env["TEND_MARK"] ?? "" });
    if (this.commandsEnd) return end({ code: cmd.includes("fail") ? 1 : 0, signal: null }, 300);
    this.running.add(process2);
  }
  #worker(process2) {
    this.workers.add(process2);
    process2.onEnd.push(() => this.workers.delete(process2));
  }
  data(key) {
    return this.machine.disk.text(`${DATA}/${key}`);
  }
  names(dir) {
    return this.machine.disk.names(`${DATA}/${dir}`).filter((name) => !name.startsWith("."));
  }
  pulses() {
    return this.machine.living.filter((process2) => process2.argv[0] === "__pulse");
  }
};

// test/simulation/events.ts
var HUMAN = { HOME: "/home/human", PATH: "/usr/bin", TEND_DATA_DIR: DATA };
var TIMES_MS = [50, 300, 1500, 6e3, 12e3, 35e3, 65e3, 4e5];
var JUMPS_MS = [36e5, -36e5, 31536e6, -31536e6];
var ANSWERS = ["yes", "no, not today", "YES.", "prose: maybe later", "raise for today", "n", "raise for good 3"];
function verb({ world }, argv, env = HUMAN, parent = 1) {
  return world.machine.start(argv, env, parent);
}
var idsOf = (world, dir) => world.names(dir).filter((name) => /^[a-z]+-\d+\.md$/.test(name)).map((name) => name.slice(0, -3));
var pulseOf = (world, n) => {
  const pulses = world.pulses();
  return pulses[n % Math.max(1, pulses.length)];
};
var ours = (world, program) => world.machine.living.filter((one) => one.argv[0] === program);
function answer(stage, n, more = []) {
  const { world, witness } = stage;
  witness.look();
  const open = idsOf(world, "asks");
  const id = open[n % Math.max(1, open.length)] ?? "gate-1";
  const word = ANSWERS[Math.floor(n / 7) % ANSWERS.length];
  const isYes = /^yes/i.test(word);
  const raised = witness.asks.get(id);
  if (isYes && raised?.cmd !== void 0 && world.data(`asks/${id}.md`) === raised.text) {
    if (!world.yeses.has(raised.cmd)) world.yeses.set(raised.cmd, /* @__PURE__ */ new Set());
    world.yeses.get(raised.cmd).add(id);
  }
  const text = /^(?:no|n|prose)/.test(word) ? `${word} (${world.next()})` : word;
  const process2 = verb(stage, ["answer", id, ...more, text]);
  process2.onEnd.push(({ code }) => {
    if (code === 0) world.acknowledged.push({ id, text: shownAs(text), forced: more.length > 0 });
  });
}
var shownAs = (text) => text;
function decide(world, decision, said) {
  world.decisions.push(JSON.stringify({ ...decision, journal: `did ${said}` }));
  world.depth += 1;
}
var token = (world) => `x${world.next()}x`;
var DEEDS = {
  pass: ({ world }, n) => world.machine.pass(TIMES_MS[n % TIMES_MS.length], 5),
  settle: ({ world }) => world.machine.settle(),
  step: ({ world }, n) => {
    for (let i = 0; i < n % 6; i++) world.machine.step();
  },
  "clock jumps": ({ world }, n) => {
    world.machine.wallOffsetMs += JUMPS_MS[n % JUMPS_MS.length];
  },
  "a pulse starts": (stage) => void (stage.world.pulses().length < 3 && verb(stage, ["__pulse"])),
  "the pulse is killed": ({ world }, n) => kill(world, pulseOf(world, n)),
  "the pulse is told to end": ({ world }, n) => signal(world, pulseOf(world, n), "SIGTERM"),
  "the pulse is stopped": ({ world }, n) => signal(world, pulseOf(world, n), "SIGSTOP"),
  "the pulse goes on": ({ world }) => {
    for (const pulse of world.pulses()) signal(world, pulse, "SIGCONT");
  },
  "the pulse dies in a step": ({ world }, n) => crash(world, pulseOf(world, n), n),
  "the pulse freezes in a step": (stage, n, during) => {
    const pulse = pulseOf(stage.world, n);
    if (!pulse) return;
    const meanwhile = () => {
      for (const event of during) stage.perform(event);
    };
    stage.world.machine.doom(pulse, { freeze: { in: n % 400, meanwhile } });
  },
  "the sensor changes": ({ world }) => {
    world.depth += 1;
  },
  "the model wants a harmless command": ({ world }) => {
    const said = token(world);
    decide(world, { action: "run_shell", cmd: `echo ${said}` }, said);
  },
  "the model wants a command that must be asked": ({ world }) => {
    const said = token(world);
    decide(world, { action: "run_shell", cmd: `deploy ${said}` }, said);
  },
  "the model wants the same command again": ({ world }, n) => {
    const said = [...world.yeses.keys()][n % Math.max(1, world.yeses.size)];
    if (said) decide(world, { action: "run_shell", cmd: said }, /x\d+x/.exec(said)[0]);
  },
  "the model wants a command that fails": ({ world }) => {
    const said = token(world);
    decide(world, { action: "run_shell", cmd: `echo fail ${said}` }, said);
  },
  "the model wants a catastrophe": ({ world }) => decide(world, { action: "run_shell", cmd: "rm -rf /" }, token(world)),
  "the model writes a goal": ({ world }, n) => {
    const said = token(world);
    decide(world, { action: "write_goal", id: `g${n % 2}`, body: `# goal ${said}` }, said);
  },
  "the model archives a goal": ({ world }, n) => decide(world, { action: "archive_goal", id: `g${n % 2}` }, token(world)),
  "the model asks": ({ world }) => {
    const said = token(world);
    decide(world, { action: "ask_human", prompt: `Which one, ${said}?`, options: ["this", "that"] }, said);
  },
  "the model starts a worker": ({ world }, n) => {
    decide(world, { action: "start_worker", id: `w${n % 2}`, prompt: "Work.", ...n % 3 === 0 ? { verify: "check" } : {} }, token(world));
  },
  "the model stops a worker": ({ world }, n) => decide(world, { action: "kill_worker", id: `w${n % 2}` }, token(world)),
  "the model tells a worker": ({ world }, n) => decide(world, { action: "tell_worker", id: `w${n % 2}`, message: "Hurry." }, token(world)),
  "the model speaks nonsense": ({ world }) => {
    world.decisions.push("I would rather not say.");
    world.depth += 1;
  },
  "the model fails for a while": ({ world }, n) => {
    world.deciderFails = n % 2 === 0;
  },
  "a model call becomes dear": ({ world }, n) => {
    world.cost = [0.01, 0.2, void 0][n % 3];
  },
  "the human answers": (stage, n) => answer(stage, n),
  "the human says yes": (stage, n) => answer(stage, n % 7 + n % 2 * 98),
  "two people answer at once": (stage, n) => {
    answer(stage, n % 7);
    answer(stage, n % 7 + 7);
  },
  "the human changes an answer": (stage, n) => answer(stage, n, ["--force"]),
  "the answer dies in a step": (stage, n) => {
    const before = new Set(stage.world.machine.living);
    answer(stage, n);
    const born = stage.world.machine.living.find((one) => !before.has(one));
    crash(stage.world, born, Math.floor(n / 3) % 40);
  },
  "the human closes an ask": (stage, n) => {
    const open = idsOf(stage.world, "asks");
    if (open.length > 0) verb(stage, ["ask", "close", open[n % open.length]]);
  },
  "the human writes a goal": ({ world }, n) => world.machine.disk.put(`${DATA}/goals/g${n % 2}.md`, `# by hand ${world.next()}
`),
  "the human removes a goal": ({ world }, n) => remove(world, `goals/g${n % 2}.md`),
  "the human edits the PLAYBOOK": ({ world }) => world.machine.disk.put(`${DATA}/PLAYBOOK.md`, `Be calm, ${world.next()}.
`),
  "somebody looks": (stage, n) => void verb(stage, [["asks"], ["status"], ["state"]][n % 3]),
  "the human runs a command": (stage) => {
    const cmd = `echo ${token(stage.world)}`;
    verb(stage, ["run", "--", ...cmd.split(" ")]);
  },
  "a hand writes garbage over a record": ({ world }, n) => {
    const dir = ["asks", "answers", "asks", "schedules"][n % 4];
    const names = world.names(dir).filter((name2) => name2.includes("."));
    const name = names[Math.floor(n / 4) % Math.max(1, names.length)] ?? "web-1.md";
    world.byHand.add(name.replace(/\.\w+$/, ""));
    world.machine.disk.put(`${DATA}/${dir}/${name}`, ["", "no record", "---\nid: [", "\0\0\0"][n % 4]);
  },
  "a hand edits what an approval would run": ({ world }, n) => {
    const id = idsOf(world, "asks").filter((one) => one.startsWith("gate-"))[n % 2];
    const text = id === void 0 ? void 0 : world.data(`asks/${id}.md`);
    if (text === void 0) return;
    world.byHand.add(id);
    world.machine.disk.put(`${DATA}/asks/${id}.md`, text.replaceAll("deploy", "forged"));
  },
  "somebody forges a yes": ({ world }, n) => {
    const id = idsOf(world, "asks").filter((one) => one.startsWith("gate-"))[n % 2];
    if (id === void 0 || world.data(`answers/${id}.md`) !== void 0) return;
    world.byHand.add(id);
    const digest = /digest"?: "?([0-9a-f]{64})/.exec(world.data(`asks/${id}.md`) ?? "")?.[1] ?? "";
    const head = `format: 1
id: ${id}
outcome: answered
ts: 1
by: human
channel: cli
digest: ${digest}`;
    world.machine.disk.put(`${DATA}/answers/${id}.md`, `---
${head}
---
yes
`);
  },
  "somebody forges an intent": ({ world }) => {
    const run = `shell-20260302-100000-${world.next()}`;
    const move = { action: "run_shell", cmd: "forged x0x" };
    const intent = { format: 1, run, day: "2026-03-02", action: "run_shell", move, origin: "pulse", ts: 1 };
    if (world.machine.disk.peek(`${DATA}/intents`)) world.machine.disk.put(`${DATA}/intents/${run}.json`, JSON.stringify(intent));
  },
  "a hand removes what may be removed": ({ world }, n) => {
    const key = ["pulse/memory.json", "pulse/holder.json", "snapshots/sensor-depth.json", "journal.md.1", "snapshots/sys-asks.json"][n % 5];
    remove(world, key);
  },
  "the memory is garbage": ({ world }) => {
    if (world.data("pulse/memory.json") !== void 0) world.machine.disk.put(`${DATA}/pulse/memory.json`, '{"format":1,');
  },
  "the disk is full for a while": ({ world }, n) => {
    world.diskFailed = true;
    world.machine.disk.isFull = n % 2 === 0;
  },
  "some writes are refused": ({ world }, n) => {
    world.diskFailed = true;
    const code = ["ENOSPC", "EACCES", "EIO"][n % 3];
    const path2 = [/^\/data\//, /^\/data\/(asks|answers|consumed)/, /^\/data\/(intents|approvals|runs)/, /^\/data\/(pulse|locks|spend)/][Math.floor(n / 3) % 4];
    world.machine.refusal = { code, path: path2, left: 1 + n % 12, reads: false };
  },
  "some reads are refused": ({ world }, n) => {
    world.diskFailed = true;
    const path2 = [/^\/data\//, /^\/data\/(asks|answers|consumed)/, /^\/data\/(intents|approvals|runs)/, /^\/data\/(pulse|locks|spend)/][Math.floor(n / 3) % 4];
    world.machine.refusal = { code: ["EACCES", "EIO", "EMFILE"][n % 3], path: path2, left: 1 + n % 12, reads: true };
  },
  "commands hang for a while": ({ world }, n) => {
    world.commandsEnd = n % 2 === 0;
    if (world.commandsEnd) for (const process2 of world.running) world.machine.end(process2, { code: 0, signal: null });
  },
  "a shell supervisor is killed": ({ world }, n) => kill(world, ours(world, "__shell")[n % 2]),
  "a shell supervisor dies in a step": ({ world }, n) => crash(world, ours(world, "__shell")[n % 2], n % 60),
  "a worker ends": ({ world }, n) => {
    const worker = [...world.workers][n % 2];
    if (worker) world.machine.end(worker, n % 3 === 0 ? { code: null, signal: "SIGKILL" } : { code: n % 2, signal: null });
  },
  "a worker asks": (stage, n) => {
    const worker = [...stage.world.workers][n % 2];
    if (worker) verb(stage, ["ask", "--prompt", `May I, ${n % 3}?`], worker.env, worker.pid);
  },
  "an asker is killed": ({ world }, n) => kill(world, ours(world, "ask")[n % 2]),
  "a worker supervisor is killed": ({ world }, n) => kill(world, ours(world, "__worker")[n % 2]),
  "a worker supervisor dies in a step": ({ world }, n) => crash(world, ours(world, "__worker")[n % 2], n % 60)
};
var perform = (stage, event) => {
  DEEDS[event.do](stage, event.n, event.during ?? []);
};
function kill(world, process2) {
  if (process2) world.machine.signal(process2, "SIGKILL");
}
function signal(world, process2, name) {
  if (process2) world.machine.signal(process2, name);
}
function crash(world, process2, n) {
  if (!process2) return;
  const how = ["before", "after", 0.5, 0.1][n % 4];
  world.machine.doom(process2, { crash: { in: Math.floor(n / 4) % 120, how } });
}
function remove(world, key) {
  if (world.data(key) !== void 0) world.machine.disk.drop(`${DATA}/${key}`);
}
var WEIGHT = {
  pass: 14,
  step: 3,
  settle: 2,
  "a pulse starts": 4,
  "the pulse dies in a step": 5,
  "the pulse freezes in a step": 4,
  "the pulse is killed": 2,
  "the model wants a command that must be asked": 4,
  "the model wants a harmless command": 2,
  "the human answers": 3,
  "the human says yes": 5,
  "the answer dies in a step": 2,
  "two people answer at once": 2
};
var BAG = Object.keys(DEEDS).flatMap((deed) => Array(WEIGHT[deed] ?? 1).fill(deed));
function drawEvents(random2) {
  const draw = (depth) => {
    const deed = random2.pick(BAG);
    const event = { do: deed, n: random2.below(1e5) };
    if (deed !== "the pulse freezes in a step") return event;
    const during = depth > 1 ? [] : Array.from({ length: 1 + random2.below(5) }, () => draw(depth + 1));
    if (during.length > 1 && random2.chance(0.5)) during.splice(random2.below(2), 0, { do: "a pulse starts", n: 0 }, { do: "pass", n: 4 });
    return { ...event, during };
  };
  return Array.from({ length: 6 + random2.below(14) }, () => draw(0));
}

// test/simulation/invariants.ts
var CALL_USD_MAX = 0.2;
var INVARIANTS = [
  {
    name: "an ask that was visible never vanishes without an end on record",
    when: "always",
    broken: ({ world, witness }) => {
      for (const id of witness.asks.keys()) {
        if (world.byHand.has(id) || world.data(`asks/${id}.md`) !== void 0) continue;
        if (quarantined(world, `asks__${id}.md`)) continue;
        if (world.data(`consumed/${id}.json`) === void 0) return `${id} is gone and nobody acted on its end`;
        if (shelved(world, "asks", id).length === 0) return `${id} is neither open nor in the archive`;
      }
      return void 0;
    }
  },
  {
    name: "an answer that the human was told is recorded is never changed or lost",
    when: "always",
    broken: ({ world }) => {
      for (const { id, text } of world.acknowledged) {
        if (world.byHand.has(id)) continue;
        const mine = world.acknowledged.filter((one) => one.id === id);
        const kept = [world.data(`answers/${id}.md`) ?? "", ...shelved(world, "answers", id)];
        if (quarantined(world, `answers__${id}.md`)) continue;
        const wanted = mine.some((one) => one.forced) ? mine.map((one) => one.text) : [text];
        if (!kept.some((record) => wanted.some((one) => record.includes(one))))
          return `"${text}" was acknowledged for ${id}, and the records say: ${JSON.stringify(kept)}`;
      }
      return void 0;
    }
  },
  {
    name: "one ask takes one answer: a second one is told so",
    when: "always",
    broken: ({ world }) => {
      const plain = world.acknowledged.filter((said) => !said.forced && !world.byHand.has(said.id)).map(({ id }) => id);
      const twice = plain.find((id, index) => plain.indexOf(id) !== index);
      return twice === void 0 ? void 0 : `two answers to ${twice} were acknowledged`;
    }
  },
  {
    name: "an answer is consumed at most once",
    when: "always",
    broken: ({ world, witness }) => {
      for (const [name, text] of witness.consumed)
        if (world.data(`consumed/${name}`) !== text) return `consumed/${name} was ${text}, is ${world.data(`consumed/${name}`)}`;
      return void 0;
    }
  },
  {
    name: "nothing that must be asked runs without a yes to exactly it",
    when: "always",
    broken: ({ world }) => {
      const ran = world.executions.find(({ cmd }) => !cmd.startsWith("echo ") && !world.yeses.has(cmd));
      return ran === void 0 ? void 0 : `"${ran.cmd}" ran as ${ran.mark}, and nobody said yes to it`;
    }
  },
  {
    name: "a command runs at most once for each decision or yes",
    when: "always",
    broken: ({ world }) => {
      for (const { cmd } of world.executions) {
        const ran = world.executions.filter((one) => one.cmd === cmd).length;
        const allowed = cmd.startsWith("echo ") ? 1 : world.yeses.get(cmd)?.size ?? 0;
        if (ran > allowed) return `"${cmd}" ran ${ran} times, ${allowed} allowed`;
      }
      return void 0;
    }
  },
  {
    name: "nothing is written under an older epoch after a newer one began, but for the one step that was under way",
    when: "always",
    broken: ({ witness }) => {
      for (const [process2, keys] of witness.stale)
        if (keys.size > 1) return `${process2.name} was overtaken and wrote ${[...keys].join(", ")}`;
      return void 0;
    }
  },
  {
    name: "a budget is never exceeded by more than the runs in flight",
    when: "always",
    broken: ({ world, witness }) => {
      for (const name of world.names("").filter((file) => /^spend-.*ndjson$/.test(file))) {
        const { spent, raised } = ledger(world.data(name) ?? "");
        const pulses = Math.max(1, world.pulses().length);
        const most = witness.limitUsd + raised + CALL_USD_MAX * pulses;
        if (spent > most + 1e-9) return `${name}: $${spent.toFixed(2)} of $${most.toFixed(2)}`;
      }
      return void 0;
    }
  },
  {
    name: "no process of ours ends by a bug",
    when: "always",
    broken: ({ world }) => {
      if (world.machine.bugs.length > 0) return world.machine.bugs[0];
      for (const process2 of world.machine.processes.values())
        if (process2.ended?.code === 70 && !(process2.argv[0] === "__shell" && world.diskFailed)) return `${process2.name} ended with 70: ${process2.complaint}`;
      return void 0;
    }
  },
  {
    name: "at rest there is a pulse, and no move is open",
    when: "rest",
    broken: ({ world }) => {
      if (world.pulses().length === 0) return "no pulse is left";
      const open = world.names("intents");
      return open.length === 0 ? void 0 : `open: ${open.join(", ")}`;
    }
  },
  {
    name: "at rest every approval that was answered has become true or was refused",
    when: "rest",
    broken: ({ world }) => {
      for (const name of world.names("answers").filter((file) => file.startsWith("gate-"))) {
        const id = name.replace(/\.md$/, "");
        if (!world.byHand.has(id) && world.data(`asks/${name}`) !== void 0) return `${id} was answered and nothing came of it`;
      }
      return void 0;
    }
  },
  {
    name: "at rest each effect has exactly one line in the journal",
    when: "rest",
    broken: ({ world }) => {
      const lines = `${world.data("journal.md.1") ?? ""}
${world.data("journal.md") ?? ""}`.split("\n");
      const told2 = lines.filter((line) => line.startsWith("- ") && !/ · (?:denied by .+|expired|refused) in gate-/.test(line));
      for (const { cmd } of world.executions) {
        const token2 = /x\d+x/.exec(cmd)?.[0] ?? cmd;
        const said = told2.filter((line) => line.includes(token2)).length;
        const ran = world.executions.filter((one) => one.cmd === cmd).length;
        if (said > ran || said < ran && !world.diskFailed) return `"${cmd}" ran ${ran} times and has ${said} lines`;
      }
      return void 0;
    }
  },
  {
    name: "at rest every record parses or lies in quarantine",
    when: "rest",
    broken: ({ world }) => {
      for (const dir of ["asks", "answers", "consumed", "intents", "approvals"]) {
        for (const name of world.names(dir)) {
          const text = world.data(`${dir}/${name}`);
          if (text !== void 0 && !isRecord(name, text)) return `${dir}/${name}: ${JSON.stringify(text.slice(0, 80))}`;
        }
      }
      return void 0;
    }
  }
];
function shelved(world, dir, id) {
  return world.names(`${dir}/archive`).filter((name) => name === `${id}.md` || name.startsWith(`${id}~`)).map((name) => world.data(`${dir}/archive/${name}`) ?? "");
}
var quarantined = (world, flat) => world.names("quarantine").some((name) => name.startsWith(`${flat}.`));
function ledger(text) {
  const runs = /* @__PURE__ */ new Map();
  let raised = 0;
  for (const line of text.split("\n").filter((one) => one.startsWith("{") && one.endsWith("}"))) {
    const row = JSON.parse(line);
    if (row.kind === "raise") raised += row.usd;
    else if (row.kind === "settle" || !runs.has(row.run)) runs.set(row.run, row.usd);
  }
  return { spent: [...runs.values()].reduce((sum, usd) => sum + usd, 0), raised };
}
function isRecord(name, text) {
  if (name.endsWith(".md")) return /^---\n[\s\S]*?\n---\n/.test(text);
  try {
    JSON.parse(text);
    return name.endsWith(".json");
  } catch {
    return false;
  }
}

// test/simulation/machine.ts
import { EventEmitter as EventEmitter3 } from "node:events";

// test/simulation/memory-disk.ts
import { Buffer as Buffer2 } from "node:buffer";
import { constants } from "node:fs";
var { O_CREAT, O_EXCL, O_APPEND, O_TRUNC, O_WRONLY, O_RDWR } = constants;
var FLAGS = {
  r: 0,
  a: O_WRONLY | O_CREAT | O_APPEND,
  w: O_WRONLY | O_CREAT | O_TRUNC,
  wx: O_WRONLY | O_CREAT | O_EXCL
};
var LINKS_MAX = 20;
var EMPTY = Buffer2.alloc(0);
var OWNER = 1e3;
function fsError(code, call, path2) {
  const message = `${code}: ${call} '${path2}'`;
  return { name: "Error", code, syscall: call, path: path2, message, toString: () => `Error: ${message}` };
}
var partsOf = /* @__PURE__ */ new Map();
function split(path2) {
  let parts = partsOf.get(path2);
  if (!parts) {
    if (partsOf.size > 2e4) partsOf.clear();
    parts = path2.split("/").filter((part) => part !== "");
    partsOf.set(path2, parts);
  }
  return parts;
}
var MemoryDisk = class {
  #inos = 1;
  #fds = 10;
  #open = /* @__PURE__ */ new Map();
  #hooks;
  root;
  /** No byte can be written: half of a write arrives, then nothing. */
  isFull = false;
  /** Bytes and names that were changed since the start: an unchanged world adds nothing. */
  changes = 0;
  constructor(hooks, from) {
    this.#hooks = hooks;
    this.root = from ? from.copyOf(from.root, /* @__PURE__ */ new Map()) : this.#inode("dir", 493);
    if (from) this.#inos = from.#inos;
  }
  /** Same numbers, same bytes, other names: hard links stay hard links. */
  copyOf(inode, done) {
    const known = done.get(inode);
    if (known) return known;
    const copy = { ...inode, names: /* @__PURE__ */ new Map() };
    done.set(inode, copy);
    for (const [name, child] of inode.names) copy.names.set(name, this.copyOf(child, done));
    return copy;
  }
  // What the harness does to the machine, without hooks and modes.
  peek(path2) {
    try {
      return this.#find(path2, { follow: true, free: true });
    } catch {
      return void 0;
    }
  }
  text(path2) {
    const inode = this.peek(path2);
    return inode?.kind === "file" ? inode.data.toString("utf8") : void 0;
  }
  names(path2) {
    const inode = this.peek(path2);
    return inode?.kind === "dir" ? [...inode.names.keys()].sort() : [];
  }
  put(path2, content, kind = "file", mode = 384) {
    const above = path2.slice(0, path2.lastIndexOf("/"));
    if (above !== "" && !this.peek(above)) this.put(above, "", "dir", 448);
    const { parent, name } = this.#parent(path2, true);
    const inode = this.#inode(kind, mode);
    inode.data = Buffer2.from(content);
    parent.names.set(name, inode);
    this.#touched(parent);
    return inode;
  }
  drop(path2) {
    const { parent, name } = this.#parent(path2, true);
    parent.names.delete(name);
    this.#touched(parent);
  }
  openSync(path2, flag2 = "r", mode = 438) {
    const flags = typeof flag2 === "number" ? flag2 : FLAGS[flag2];
    const creates = (flags & O_CREAT) !== 0;
    this.#hooks.before("open", path2, creates);
    if (path2.startsWith("/proc/")) return this.#openProc(path2);
    let inode = this.#find(path2, { follow: true, missing: creates });
    if (inode && (flags & O_EXCL) !== 0) throw fsError("EEXIST", "open", path2);
    if (!inode) {
      if (!creates) throw fsError("ENOENT", "open", path2);
      const { parent, name } = this.#parent(path2);
      this.#allow(parent, 128, path2);
      inode = this.#inode("file", mode & ~18);
      parent.names.set(name, inode);
      this.#touched(parent);
      this.#hooks.after("open", path2);
    } else {
      this.#allow(inode, (flags & 3) === 0 ? 256 : 128, path2);
      if (inode.kind === "dir" && (flags & 3) !== 0) throw fsError("EISDIR", "open", path2);
      if (inode.kind === "socket" || inode.kind === "pipe" && (flags & 3) !== 0) throw fsError("ENXIO", "open", path2);
      if ((flags & O_TRUNC) !== 0) inode.data = EMPTY;
    }
    this.#open.set(++this.#fds, { inode, path: path2, flags, at: 0 });
    return this.#fds;
  }
  closeSync(fd) {
    this.#open.delete(fd);
  }
  readSync(fd, buffer, offset = 0, length = buffer.length - offset, position) {
    const open = this.#fd(fd);
    this.#hooks.before("read", open.path, false);
    if (open.inode.kind === "dir") throw fsError("EISDIR", "read", open.path);
    const from = position ?? open.at;
    const part = open.inode.data.subarray(from, from + length);
    buffer.set(part, offset);
    if (position === void 0 || position === null) open.at = from + part.length;
    return part.length;
  }
  writeSync(fd, content, offset = 0, length) {
    const bytes = typeof content === "string" ? Buffer2.from(content) : Buffer2.from(content.subarray(offset, length === void 0 ? void 0 : offset + length));
    if (fd === 1 || fd === 2) {
      this.#hooks.before("print", `fd ${fd}`, true);
      this.#hooks.print(fd, bytes.toString("utf8"));
      this.#hooks.after("print", `fd ${fd}`);
      return bytes.length;
    }
    const open = this.#fd(fd);
    const torn = this.#hooks.before("write", open.path, true);
    if ((open.flags & (O_WRONLY | O_RDWR)) === 0) throw fsError("EBADF", "write", open.path);
    let arrives = bytes;
    if (torn !== void 0) arrives = bytes.subarray(0, Math.floor(bytes.length * torn));
    if (this.isFull && bytes.length > 0) {
      arrives = bytes.subarray(0, Math.floor(bytes.length / 2));
      if (arrives.length === 0) throw fsError("ENOSPC", "write", open.path);
    }
    const { inode } = open;
    const at = (open.flags & O_APPEND) !== 0 ? inode.data.length : open.at;
    inode.data = Buffer2.concat([inode.data.subarray(0, at), arrives, inode.data.subarray(at + arrives.length)]);
    open.at = at + arrives.length;
    this.#touched(inode);
    this.#hooks.after("write", open.path);
    return arrives.length;
  }
  fsyncSync(fd) {
    this.#hooks.before("fsync", this.#fd(fd).path, true);
  }
  ftruncateSync(fd, length = 0) {
    const open = this.#fd(fd);
    this.#hooks.before("ftruncate", open.path, true);
    open.inode.data = open.inode.data.subarray(0, length);
    this.#touched(open.inode);
  }
  fstatSync(fd) {
    if (fd <= 2) return statsOf({ ...this.root, kind: "pipe" });
    return statsOf(this.#fd(fd).inode);
  }
  fchmodSync(fd, mode) {
    this.#fd(fd).inode.mode = mode;
  }
  chmodSync(path2, mode) {
    this.#hooks.before("chmod", path2, true);
    this.#must(path2, "chmod").mode = mode;
  }
  statSync(path2, options = {}) {
    return this.#stat(path2, options, true);
  }
  lstatSync(path2, options = {}) {
    return this.#stat(path2, options, false);
  }
  existsSync(path2) {
    this.#hooks.before("exists", path2, false);
    return this.peek(path2) !== void 0;
  }
  accessSync(path2) {
    this.#hooks.before("access", path2, false);
    this.#must(path2, "access");
  }
  readdirSync(path2) {
    this.#hooks.before("readdir", path2, false);
    if (path2 === "/proc") return this.#hooks.pids();
    const inode = this.#must(path2, "scandir");
    if (inode.kind !== "dir") throw fsError("ENOTDIR", "scandir", path2);
    this.#allow(inode, 256, path2);
    return [...inode.names.keys()];
  }
  readFileSync(path2, encoding) {
    const fd = this.openSync(path2);
    try {
      const { inode } = this.#fd(fd);
      if (inode.kind === "dir") throw fsError("EISDIR", "read", path2);
      return encoding === void 0 ? Buffer2.from(inode.data) : inode.data.toString("utf8");
    } finally {
      this.closeSync(fd);
    }
  }
  readlinkSync(path2) {
    if (path2.startsWith("/proc/")) return this.#hooks.proc(path2) ?? "";
    return this.#find(path2, { follow: false }).data.toString("utf8");
  }
  realpathSync(path2) {
    this.#must(path2, "realpath");
    const inode = this.#find(path2, { follow: false });
    if (inode.kind !== "link") return path2;
    const target = inode.data.toString("utf8");
    return this.realpathSync(target.startsWith("/") ? target : `${path2.slice(0, path2.lastIndexOf("/"))}/${target}`);
  }
  mkdirSync(path2, options = {}) {
    const { recursive = false, mode = 511 } = typeof options === "number" ? { mode: options } : options;
    const known = this.#find(path2, { follow: true, missing: true, deep: recursive });
    if (known) {
      if (recursive && known.kind === "dir") return;
      throw fsError("EEXIST", "mkdir", path2);
    }
    this.#hooks.before("mkdir", path2, true);
    const above = path2.slice(0, path2.lastIndexOf("/"));
    if (recursive && above !== "") this.mkdirSync(above, { recursive, mode });
    if (this.isFull) throw fsError("ENOSPC", "mkdir", path2);
    const { parent, name } = this.#parent(path2);
    if (parent.names.has(name)) return;
    this.#allow(parent, 128, path2);
    parent.names.set(name, this.#inode("dir", mode & ~18));
    this.#touched(parent);
    this.#hooks.after("mkdir", path2);
  }
  linkSync(from, to) {
    this.#hooks.before("link", to, true);
    const inode = this.#find(from, { follow: false });
    if (!inode) throw fsError("ENOENT", "link", from);
    const { parent, name } = this.#parent(to);
    if (parent.names.has(name)) throw fsError("EEXIST", "link", to);
    this.#allow(parent, 128, to);
    parent.names.set(name, inode);
    inode.ctimeMs = this.#hooks.now();
    this.#touched(parent);
    this.#hooks.after("link", to);
  }
  unlinkSync(path2) {
    this.#hooks.before("unlink", path2, true);
    const { parent, name } = this.#parent(path2);
    const inode = parent.names.get(name);
    if (!inode) throw fsError("ENOENT", "unlink", path2);
    if (inode.kind === "dir") throw fsError("EISDIR", "unlink", path2);
    this.#allow(parent, 128, path2);
    parent.names.delete(name);
    this.#touched(parent);
    this.#hooks.after("unlink", path2);
  }
  renameSync(from, to) {
    this.#hooks.before("rename", `${from} \u2192 ${to.slice(to.lastIndexOf("/") + 1)}`, true);
    const source = this.#parent(from);
    const inode = source.parent.names.get(source.name);
    if (!inode) throw fsError("ENOENT", "rename", from);
    const target = this.#parent(to);
    const there = target.parent.names.get(target.name);
    if (there?.kind === "dir" && inode.kind !== "dir") throw fsError("EISDIR", "rename", to);
    this.#allow(source.parent, 128, from);
    this.#allow(target.parent, 128, to);
    if (there !== inode) {
      source.parent.names.delete(source.name);
      target.parent.names.set(target.name, inode);
      inode.ctimeMs = this.#hooks.now();
      this.#touched(source.parent);
      this.#touched(target.parent);
    }
    this.#hooks.after("rename", to);
  }
  rmdirSync(path2) {
    this.#hooks.before("rmdir", path2, true);
    const inode = this.#must(path2, "rmdir");
    if (inode.names.size > 0) throw fsError("ENOTEMPTY", "rmdir", path2);
    this.drop(path2);
  }
  rmSync(path2, _options) {
    const inode = this.#find(path2, { follow: false, missing: true });
    if (!inode) return;
    for (const name2 of [...inode.names.keys()]) this.rmSync(`${path2}/${name2}`);
    this.#hooks.before("rm", path2, true);
    const { parent, name } = this.#parent(path2);
    this.#allow(parent, 128, path2);
    parent.names.delete(name);
    this.#touched(parent);
    this.#hooks.after("rm", path2);
  }
  utimesSync(path2, _atime, mtime) {
    this.#hooks.before("utimes", path2, false);
    this.#must(path2, "utimes").mtimeMs = mtime * 1e3;
  }
  /** Events are an optimisation that may be lost: here all are, and the polls behind them do the work. */
  watch() {
    return { on: () => void 0, close: () => void 0 };
  }
  #inode(kind, mode) {
    const at = this.#hooks.now();
    return { ino: this.#inos++, kind, mode, mtimeMs: at, ctimeMs: at, data: EMPTY, names: /* @__PURE__ */ new Map() };
  }
  #touched(inode) {
    this.changes += 1;
    inode.mtimeMs = this.#hooks.now();
  }
  #openProc(path2) {
    const text = this.#hooks.proc(path2);
    if (text === void 0) throw fsError("ENOENT", "open", path2);
    const inode = { ...this.root, kind: "file", data: Buffer2.from(text) };
    this.#open.set(++this.#fds, { inode, path: path2, flags: 0, at: 0 });
    return this.#fds;
  }
  #stat(path2, options, follow) {
    this.#hooks.before("stat", path2, false);
    const isCalm = options.throwIfNoEntry === false;
    const inode = this.#find(path2, { follow, missing: isCalm, deep: isCalm });
    if (!inode) {
      if (options.throwIfNoEntry === false) return void 0;
      throw fsError("ENOENT", "stat", path2);
    }
    return statsOf(inode, options.bigint);
  }
  #fd(fd) {
    const open = this.#open.get(fd);
    if (!open) throw fsError("EBADF", "fd", String(fd));
    return open;
  }
  #allow(inode, mode, path2) {
    if ((inode.mode & mode) === 0) throw fsError("EACCES", "open", path2);
  }
  #must(path2, call) {
    const inode = this.#find(path2, { follow: true, missing: true });
    if (!inode) throw fsError("ENOENT", call, path2);
    return inode;
  }
  #parent(path2, free = false) {
    const cut = path2.lastIndexOf("/");
    const parent = this.#find(path2.slice(0, cut) || "/", { follow: true, free });
    if (!parent) throw fsError("ENOENT", "open", path2);
    if (parent.kind !== "dir") throw fsError("ENOTDIR", "open", path2);
    return { parent, name: path2.slice(cut + 1) };
  }
  /** `missing`: undefined instead of ENOENT for the last name; `deep`: for any. `free`: modes do not count. */
  #find(path2, how, links = 0) {
    if (links > LINKS_MAX) throw fsError("ELOOP", "open", path2);
    const parts = split(path2);
    let at = this.root;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i];
      if (at.kind !== "dir") throw fsError("ENOTDIR", "open", path2);
      if (!how.free && (at.mode & 64) === 0) throw fsError("EACCES", "open", path2);
      const next = at.names.get(part);
      const isLast = i === parts.length - 1;
      if (!next) {
        if (how.missing && isLast || how.deep) return void 0;
        throw fsError("ENOENT", "open", path2);
      }
      if (next.kind === "link" && (how.follow || !isLast)) {
        const target = next.data.toString("utf8");
        const base = target.startsWith("/") ? target : `/${parts.slice(0, i).join("/")}/${target}`;
        const rest2 = parts.slice(i + 1);
        return this.#find([base, ...rest2].join("/"), how, links + 1);
      }
      at = next;
    }
    return at;
  }
};
var CALLS = [
  "openSync",
  "closeSync",
  "readSync",
  "writeSync",
  "fsyncSync",
  "ftruncateSync",
  "fstatSync",
  "fchmodSync",
  "chmodSync",
  "statSync",
  "lstatSync",
  "existsSync",
  "accessSync",
  "readdirSync",
  "readFileSync",
  "readlinkSync",
  "realpathSync",
  "mkdirSync",
  "linkSync",
  "unlinkSync",
  "renameSync",
  "rmdirSync",
  "rmSync",
  "utimesSync",
  "watch"
];
function statsOf(inode, bigint = false) {
  const { kind } = inode;
  return {
    dev: bigint ? 1n : 1,
    ino: bigint ? BigInt(inode.ino) : inode.ino,
    uid: OWNER,
    mode: inode.mode,
    size: inode.data.length,
    mtimeMs: inode.mtimeMs,
    ctimeMs: inode.ctimeMs,
    rdev: 0,
    isFile: () => kind === "file",
    isDirectory: () => kind === "dir",
    isSymbolicLink: () => kind === "link",
    isCharacterDevice: () => false
  };
}

// test/simulation/process.ts
var Process = class {
  machine;
  pid;
  argv;
  env;
  parent;
  /** Absent in a stand-in. */
  realm;
  state = "running";
  /** Its code is on our stack: frozen in a system call while others run. */
  isBusy = false;
  ended;
  printed = "";
  /** What it said on stderr. */
  complaint = "";
  timers = /* @__PURE__ */ new Set();
  /** A stand-in's answer to a signal; absent: it dies of it. */
  onSignal;
  onEnd = [];
  #handlers = /* @__PURE__ */ new Map();
  constructor(machine, given) {
    this.machine = machine;
    this.pid = given.pid;
    this.argv = given.argv;
    this.env = given.env;
    this.parent = given.parent;
  }
  get isDead() {
    return this.state === "dead";
  }
  get name() {
    return `${this.argv[0] ?? "?"}/${this.pid}`;
  }
  after(ms, work, repeats) {
    const timer = {
      process: this,
      due: this.machine.monotonicMs + Math.max(1, ms),
      every: repeats ? Math.max(1, ms) : void 0,
      work,
      unref: () => timer,
      ref: () => timer
    };
    if (!this.isDead) this.timers.add(timer);
    return timer;
  }
  clear(timer) {
    if (timer) this.timers.delete(timer);
  }
  immediate(work) {
    this.machine.ready.push({ process: this, work });
  }
  print(text) {
    if (!this.isDead) this.printed += text;
  }
  /** Ends this process; what of its code still runs can do nothing any more. */
  exit(code) {
    this.machine.end(this, { code, signal: null });
  }
  handle(name, handler) {
    if (!this.#handlers.has(name)) this.#handlers.set(name, /* @__PURE__ */ new Set());
    this.#handlers.get(name).add(handler);
  }
  unhandle(name, handler) {
    this.#handlers.get(name)?.delete(handler);
  }
  /** True when the process has a mind of its own about this signal. */
  handles(signal2) {
    const handlers = [...this.#handlers.get(signal2) ?? []];
    for (const handler of handlers) this.immediate(handler);
    return handlers.length > 0;
  }
};

// test/simulation/random.ts
function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = state + 1831565813 >>> 0;
    let t = state;
    t = Math.imul(t ^ t >>> 15, t | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(next() * n);
  return { below, chance: (probability) => next() < probability, pick: (items) => items[below(items.length)] };
}

// test/simulation/realm.ts
import { Buffer as Buffer3 } from "node:buffer";
import { createHash, createHmac, hash } from "node:crypto";
import { EventEmitter } from "node:events";
import { constants as constants2 } from "node:fs";
import { constants as osConstants } from "node:os";
import * as path from "node:path";
import * as url from "node:url";
import * as util from "node:util";
import vm from "node:vm";
var APP = "/app";
var BUILT_IN = "Object,Array,Map,Set,WeakMap,WeakSet,WeakRef,JSON,Promise,Error,TypeError,RangeError,SyntaxError,Number,String,Boolean,Symbol,BigInt,RegExp,Math,Reflect,Proxy,Function,Int32Array,Uint8Array,Uint16Array,Uint32Array,Float64Array,ArrayBuffer,SharedArrayBuffer,DataView,Intl,parseInt,parseFloat,isNaN,isFinite,encodeURIComponent,decodeURIComponent,Infinity,NaN,AggregateError";
var DOORS = "require,process,Buffer,performance,setTimeout,clearTimeout,setInterval,clearInterval,setImmediate,clearImmediate,queueMicrotask,Atomics,AbortController,AbortSignal,URL,TextDecoder,TextEncoder,structuredClone,console,$now";
function compile(code) {
  const text = `(({${DOORS}}) => { const {${BUILT_IN}} = globalThis; const $Date = globalThis.Date;
class Date extends $Date { constructor(...a) { if (a.length === 0) super($now()); else super(...a); } static now() { return $now(); } }
const module = { exports: {} }, exports = module.exports;
${code}
return module.exports; })`;
  return { script: new vm.Script(text, { filename: "tend-bundle.js" }) };
}
var NOTHING = new vm.Script("0");
var Realm = class {
  exports;
  #context;
  /** Who lives here now. */
  #process;
  constructor(bundle2) {
    this.#context = vm.createContext({}, { microtaskMode: "afterEvaluate" });
    const load = bundle2.script.runInContext(this.#context);
    this.exports = load(this.#doors());
    this.drain();
  }
  enter(process2) {
    this.#process = process2;
  }
  leave() {
    this.#process = void 0;
  }
  /** Runs what the promises of this process have become ready for. */
  drain() {
    NOTHING.runInContext(this.#context);
  }
  get #at() {
    if (!this.#process) throw new Error("nobody lives here");
    return this.#process;
  }
  #doors() {
    const at = () => this.#at;
    const random2 = (n) => {
      const bytes = Buffer3.alloc(n);
      for (let i = 0; i < n; i++) bytes[i] = at().machine.random.below(256);
      return bytes;
    };
    const crypto = { createHash, createHmac, hash, randomBytes: random2 };
    const os = {
      constants: osConstants,
      tmpdir: () => "/tmp",
      homedir: () => "/home/human",
      userInfo: () => ({ username: "human" })
    };
    const modules = {
      fs: () => this.#fs(),
      path: () => path,
      url: () => url,
      util: () => util,
      os: () => os,
      crypto: () => crypto,
      buffer: () => ({ Buffer: Buffer3 }),
      process: () => this.#processDoor(modules),
      child_process: () => this.#children(),
      net: () => this.#net(),
      events: () => ({ EventEmitter }),
      module: () => ({}),
      readline: () => ({}),
      tty: () => ({ isatty: () => false }),
      vm: () => vm,
      "@lydell/node-pty": () => ({ spawn: (file, args, o) => at().machine.openPty(at(), file, args, o) }),
      "@xterm/headless": () => ({ Terminal: BlindTerminal, default: { Terminal: BlindTerminal } })
    };
    const known = /* @__PURE__ */ new Map();
    const require2 = (name) => {
      const key = name.replace(/^node:/, "");
      if (!known.has(key)) known.set(key, modules[key]?.());
      return known.get(key);
    };
    return {
      require: require2,
      process: require2("process"),
      Buffer: Buffer3,
      performance: { now: () => at().machine.monotonicMs },
      setTimeout: (work, ms = 0) => at().after(ms, work, false),
      setInterval: (work, ms = 0) => at().after(ms, work, true),
      setImmediate: (work) => at().immediate(work),
      clearTimeout: (timer) => this.#process?.clear(timer),
      clearInterval: (timer) => this.#process?.clear(timer),
      clearImmediate: () => void 0,
      queueMicrotask: (work) => at().immediate(work),
      Atomics: { wait: () => at().machine.pauseOf(at()) },
      AbortController,
      AbortSignal,
      URL,
      TextDecoder,
      TextEncoder,
      structuredClone,
      console,
      $now: () => at().machine.now()
    };
  }
  /** Every call says whose it is: the disk's hooks ask the machine. */
  #fs() {
    const call = (name) => (...args) => {
      const { machine } = this.#at;
      const before = machine.current;
      machine.current = this.#at;
      try {
        return machine.disk[name](...args);
      } finally {
        machine.current = before;
      }
    };
    return { constants: constants2, ...Object.fromEntries(CALLS.map((name) => [name, call(name)])) };
  }
  #processDoor(modules) {
    const at = () => this.#at;
    const stream = { isTTY: false, on: () => void 0, once: () => void 0, write: (text) => at().print(text) };
    const door = {
      get pid() {
        return at().pid;
      },
      get argv() {
        return ["/usr/bin/node", `${APP}/dist/main.js`, ...at().argv];
      },
      get env() {
        return at().env;
      },
      execPath: "/usr/bin/node",
      execArgv: [],
      platform: "linux",
      version: "v20.19.0",
      versions: { node: "20.19.0" },
      features: {},
      stdout: stream,
      stderr: stream,
      stdin: { destroy: () => void 0 },
      getuid: () => 1e3,
      cwd: () => "/",
      chdir: () => void 0,
      kill: (pid, signal2) => at().machine.kill(pid, signal2),
      on(name, handler) {
        at().handle(name, handler);
        return door;
      },
      once(name, handler) {
        at().handle(name, handler);
        return door;
      },
      off(name, handler) {
        at().unhandle(name, handler);
        return door;
      },
      exit: (code) => at().exit(code),
      emitWarning: () => void 0,
      nextTick: (work, ...args) => at().immediate(() => work(...args)),
      getBuiltinModule: (name) => modules[name.replace(/^node:/, "")]?.()
    };
    return door;
  }
  #children() {
    return {
      ChildProcess: EventEmitter,
      spawn: (file, args, options) => this.#at.machine.spawnFor(this.#at, [file, ...args], options)
    };
  }
  #net() {
    return {
      createServer: (onSocket) => this.#at.machine.net.server(this.#at, onSocket),
      createConnection: (to) => this.#at.machine.net.connect(this.#at, to)
    };
  }
};
var BlindTerminal = class {
  parser = { registerCsiHandler: () => void 0, registerEscHandler: () => void 0 };
  onData() {
  }
  write(_data, done) {
    done();
  }
};

// test/simulation/sockets.ts
import { EventEmitter as EventEmitter2 } from "node:events";
var End = class extends EventEmitter2 {
  process;
  peer;
  isOpen = true;
  constructor(process2) {
    super();
    this.process = process2;
  }
  setEncoding() {
    return this;
  }
  setTimeout() {
    return this;
  }
  write(text) {
    const { peer } = this;
    if (this.isOpen && peer?.isOpen) peer.process.immediate(() => peer.isOpen && peer.emit("data", String(text)));
    return true;
  }
  end(text) {
    if (text !== void 0) this.write(text);
    this.close();
    return this;
  }
  destroy() {
    this.close();
    return this;
  }
  unref() {
    return this;
  }
  close() {
    if (!this.isOpen) return;
    this.isOpen = false;
    const { peer } = this;
    if (!peer?.isOpen) return;
    peer.process.immediate(() => {
      if (!peer.isOpen) return;
      peer.emit("end");
      peer.isOpen = false;
      peer.emit("close");
    });
  }
};
var Listener = class extends EventEmitter2 {
  #net;
  process;
  onSocket;
  path;
  constructor(net, process2, onSocket) {
    super();
    this.#net = net;
    this.process = process2;
    this.onSocket = onSocket;
  }
  listen(path2, done) {
    const { machine } = this.#net;
    this.process.immediate(() => {
      if (machine.disk.peek(path2)) return void this.emit("error", fsError("EADDRINUSE", "listen", path2));
      try {
        machine.disk.put(path2, "", "socket").owner = this;
      } catch (error) {
        return void this.emit("error", error);
      }
      this.path = path2;
      done();
    });
    return this;
  }
  /** As Node does: the name goes with the listener, if it is still its own. */
  close() {
    const { path: path2 } = this;
    this.path = void 0;
    if (path2 === void 0 || this.process.isDead) return this;
    if (this.#net.machine.disk.peek(path2)?.owner === this) this.#net.machine.disk.drop(path2);
    return this;
  }
  unref() {
    return this;
  }
};
var Net = class {
  machine;
  #ends = /* @__PURE__ */ new Map();
  constructor(machine) {
    this.machine = machine;
  }
  server(process2, onSocket) {
    return new Listener(this, process2, onSocket);
  }
  connect(process2, path2) {
    const near = this.#end(process2);
    process2.immediate(() => {
      if (!near.isOpen) return;
      const owner = this.machine.disk.peek(path2)?.owner;
      const problem = this.machine.disk.peek(path2) === void 0 ? "ENOENT" : !owner?.path || owner.process.isDead ? "ECONNREFUSED" : void 0;
      if (problem) {
        near.isOpen = false;
        return void near.emit("error", fsError(problem, "connect", path2));
      }
      const far = this.#end(owner.process);
      near.peer = far;
      far.peer = near;
      owner.process.immediate(() => far.isOpen && owner.onSocket(far));
      near.emit("connect");
    });
    return near;
  }
  /** The kernel closes what a dead process held. */
  died(process2) {
    for (const end of this.#ends.get(process2) ?? []) end.close();
    this.#ends.delete(process2);
  }
  #end(process2) {
    const end = new End(process2);
    this.#ends.set(process2, [...this.#ends.get(process2) ?? [], end]);
    return end;
  }
};

// test/simulation/machine.ts
var Crash = class extends Error {
};
var EPOCH = Date.UTC(2026, 2, 2, 10);
var TASKS_MAX = 2e4;
var Machine = class {
  disk;
  net = new Net(this);
  random;
  ready = [];
  processes = /* @__PURE__ */ new Map();
  /** Bugs of the program that Node would have shown: thrown out of a callback. */
  bugs = [];
  outside;
  monotonicMs = 0;
  /** Told of every call that changed something. */
  onChange = () => void 0;
  lastChanged = "";
  wallOffsetMs = 0;
  /** Whose system call is under way. */
  current;
  /** Errors that changing calls below a path get, so many times. */
  refusal;
  /** Refusals that were handed out. */
  refused = 0;
  #realms;
  #fates = /* @__PURE__ */ new Map();
  #pids = 100;
  constructor(given) {
    this.random = random(given.seed);
    this.disk = new MemoryDisk(this, given.from);
    this.#realms = given.realms;
    this.outside = given.outside;
  }
  now() {
    return EPOCH + Math.floor(this.monotonicMs) + this.wallOffsetMs;
  }
  // Processes.
  get living() {
    return [...this.processes.values()].filter((process2) => !process2.isDead);
  }
  /** Starts the real program. */
  start(argv, env, parent = 1) {
    const process2 = this.#born(argv, env, parent);
    process2.realm = this.#realms.take();
    process2.realm.enter(process2);
    process2.immediate(() => process2.realm.exports.main(argv));
    return process2;
  }
  #born(argv, env, parent) {
    const process2 = new Process(this, { pid: ++this.#pids, argv, env, parent });
    this.processes.set(process2.pid, process2);
    return process2;
  }
  /** `child_process.spawn`. */
  spawnFor(parent, argv, options) {
    const stream = () => Object.assign(new EventEmitter3(), { destroy: () => void 0 });
    const child = Object.assign(new EventEmitter3(), {
      pid: void 0,
      stdout: stream(),
      stderr: stream(),
      stdin: Object.assign(new EventEmitter3(), { end: () => void 0 }),
      unref: () => void 0
    });
    const process2 = this.launch(argv, options.env ?? {}, parent);
    child.pid = process2.pid;
    parent.immediate(() => child.emit("spawn"));
    process2.onEnd.push(
      ({ code, signal: signal2 }) => parent.immediate(() => {
        if (process2.printed !== "") child.stdout.emit("data", Buffer.from(process2.printed));
        child.stdout.emit("end");
        child.stderr.emit("end");
        child.emit("exit", code, signal2);
      })
    );
    return child;
  }
  /** The program of a command line: ours in a realm, all others by the outside world. */
  launch(argv, env, parent) {
    const own = argv.indexOf(`${APP}/dist/main.js`);
    if (own > 0) return this.start(argv.slice(own + 1), env, parent.pid);
    const process2 = this.#born(argv, env, parent.pid);
    this.outside(process2, argv, (ended, afterMs) => {
      if (afterMs === void 0) process2.immediate(() => this.end(process2, ended));
      else process2.after(afterMs, () => this.end(process2, ended), false);
    });
    return process2;
  }
  /** What the library for terminals gives. */
  openPty(parent, file, args, options) {
    const process2 = this.launch([file, ...args], options.env ?? {}, parent);
    return {
      pid: process2.pid,
      onData: () => void 0,
      onExit: (told2) => process2.onEnd.push(
        ({ code, signal: signal2 }) => parent.immediate(() => told2(signal2 ? { exitCode: 0, signal: signal2 === "SIGKILL" ? 9 : 15 } : { exitCode: code ?? 0 }))
      ),
      write: () => void 0,
      resize: () => void 0,
      pause: () => void 0,
      resume: () => void 0
    };
  }
  kill(pid, signal2) {
    const process2 = this.processes.get(Math.abs(pid));
    if (!process2 || process2.isDead) throw fsError("ESRCH", "kill", String(pid));
    if (signal2 !== 0) this.signal(process2, String(signal2));
  }
  signal(process2, signal2) {
    if (process2.isDead) return;
    if (signal2 === "SIGKILL") return this.end(process2, { code: null, signal: signal2 });
    if (signal2 === "SIGSTOP") process2.state = "stopped";
    else if (signal2 === "SIGCONT") process2.state = "running";
    else if (process2.onSignal) process2.onSignal(signal2);
    else if (!process2.handles(signal2)) this.end(process2, { code: null, signal: signal2 });
  }
  end(process2, ended) {
    if (process2.isDead) return;
    process2.state = "dead";
    process2.ended = ended;
    process2.timers.clear();
    this.#fates.delete(process2);
    this.net.died(process2);
    for (const told2 of process2.onEnd) told2(ended);
    if (!process2.isBusy) this.#bury(process2);
  }
  /** Lets the code that is left run to nowhere, so that the realm is clean for the next one. */
  #bury(process2) {
    const { realm } = process2;
    if (!realm) return;
    process2.isBusy = true;
    for (let round = 0; round < 100; round++) {
      realm.drain();
      const left = this.ready.filter((task) => task.process === process2);
      if (left.length === 0) break;
      for (const task of left) this.ready.splice(this.ready.indexOf(task), 1);
      for (const task of left) {
        try {
          task.work();
        } catch {
        }
      }
    }
    process2.realm = void 0;
    realm.leave();
    this.#realms.give(realm);
  }
  // Time and turns.
  /** Runs one task of one process that is free to run; false when there is none. */
  step() {
    const free = [];
    for (const { process: process3 } of this.ready)
      if (process3.state === "running" && !process3.isBusy && !free.includes(process3)) free.push(process3);
    if (free.length === 0) {
      for (let i = this.ready.length - 1; i >= 0; i--) if (this.ready[i].process.isDead) this.ready.splice(i, 1);
      return false;
    }
    const process2 = free.length === 1 ? free[0] : this.random.pick(free);
    const [task] = this.ready.splice(
      this.ready.findIndex((one) => one.process === process2),
      1
    );
    this.#run(process2, task.work);
    return true;
  }
  #run(process2, work) {
    process2.isBusy = true;
    try {
      work();
      process2.realm?.drain();
    } catch (error) {
      if (!(error instanceof Crash)) this.bugs.push(`${process2.name}: ${error?.stack ?? String(error)}`);
    }
    process2.isBusy = false;
    if (process2.isDead) this.#bury(process2);
  }
  /** Runs all that is ready. */
  settle() {
    for (let n = 0; this.step(); n++)
      if (n > TASKS_MAX) throw new Error("the simulated processes never come to rest: a busy loop");
  }
  /** Lets this much time pass, in at least `grain` steps where timers are due. */
  pass(ms, grain = 8) {
    const end = this.monotonicMs + ms;
    this.settle();
    for (let left = grain; ; left--) {
      const due = left > 0 ? this.#nextDue() : end;
      this.monotonicMs = Math.max(this.monotonicMs, Math.min(due, end));
      this.#fire();
      this.settle();
      if (this.monotonicMs >= end) return;
    }
  }
  #nextDue() {
    let due = Number.POSITIVE_INFINITY;
    for (const process2 of this.processes.values())
      if (process2.state === "running" && !process2.isBusy) for (const timer of process2.timers) due = Math.min(due, timer.due);
    return due;
  }
  #fire() {
    const due = [];
    for (const process2 of this.processes.values())
      if (process2.state === "running") {
        for (const timer of process2.timers) if (timer.due <= this.monotonicMs) due.push(timer);
      }
    due.sort((a, b) => a.due - b.due);
    for (const timer of due) {
      if (timer.every === void 0) timer.process.timers.delete(timer);
      else timer.due = this.monotonicMs + timer.every;
      timer.process.immediate(() => {
        if (timer.every === void 0 || timer.process.timers.has(timer)) timer.work();
      });
    }
  }
  /** A process that waits without giving way: time passes, nobody else of its thread runs. */
  pauseOf(process2) {
    if (process2.isDead) throw new Crash();
    this.monotonicMs += 500;
  }
  // Faults.
  doom(process2, fate) {
    this.#fates.set(process2, { ...this.#fates.get(process2), ...fate });
  }
  /** No fate awaits anybody any more. */
  spare() {
    this.#fates.clear();
  }
  before(call, path2, changes) {
    const process2 = this.current;
    if (!process2) return void 0;
    if (process2.isDead) throw new Crash();
    const fate = this.#fates.get(process2);
    if (fate?.freeze && fate.freeze.in-- <= 0) {
      const { meanwhile } = fate.freeze;
      delete fate.freeze;
      const before = this.current;
      this.current = void 0;
      meanwhile();
      this.current = before;
      if (process2.isDead) throw new Crash();
    }
    this.#refuse(call, path2, changes);
    if (!changes || !fate?.crash || fate.crash.in-- > 0) return void 0;
    const { how } = fate.crash;
    if (typeof how === "number" && call === "write") {
      fate.crash = { in: 0, how: "after" };
      return how;
    }
    if (how === "after") return void 0;
    this.end(process2, { code: null, signal: "SIGKILL" });
    throw new Crash();
  }
  after(call, path2) {
    const process2 = this.current;
    if (!process2) return;
    this.lastChanged = `${path2} (${call}) by ${process2.name}`;
    this.onChange(process2, call, path2);
    const crash2 = this.#fates.get(process2)?.crash;
    if (!crash2 || crash2.how !== "after" || crash2.in > 0) return;
    this.end(process2, { code: null, signal: "SIGKILL" });
    throw new Crash();
  }
  #refuse(call, path2, changes) {
    const { refusal } = this;
    if (!refusal || refusal.left <= 0 || !changes && !refusal.reads || !refusal.path.test(path2)) return;
    if (call === "unlink" || call === "rm" || call === "print") return;
    refusal.left -= 1;
    this.refused += 1;
    throw fsError(refusal.code, call, path2);
  }
  print(fd, text) {
    if (fd === 1) this.current?.print(text);
    else if (this.current) this.current.complaint += text;
  }
  pids() {
    return this.living.map((process2) => String(process2.pid));
  }
  proc(path2) {
    if (path2 === "/proc/sys/kernel/random/boot_id") return "boot-1";
    if (path2 === "/proc/self/ns/pid") return "pid:[1]";
    const [, pid, file] = /^\/proc\/(\d+)\/(environ|stat)$/.exec(path2) ?? [];
    const process2 = this.processes.get(Number(pid));
    if (!process2 || process2.isDead) return void 0;
    if (file === "stat") return `${pid} (tend) S ${process2.parent} 0`;
    return Object.entries(process2.env).map(([name, value]) => `${name}=${value}\0`).join("");
  }
};

// test/simulation/witness.ts
var Witness = class {
  world;
  /** Asks that were visible, with their first text. */
  asks = /* @__PURE__ */ new Map();
  /** Consumed marks as they were first seen. */
  consumed = /* @__PURE__ */ new Map();
  /** Per pulse: names that it changed after a newer pulse had taken over. */
  stale = /* @__PURE__ */ new Map();
  /** Largest day's limit that was ever in force, by what config and ledgers say, in dollars. */
  limitUsd = 0;
  #epochs = /* @__PURE__ */ new Map();
  #newest = 0;
  constructor(world) {
    this.world = world;
  }
  look() {
    const { world } = this;
    for (const name of world.names("asks")) {
      const id = name.replace(/\.md$/, "");
      if (!name.endsWith(".md") || this.asks.has(id) || world.byHand.has(id)) continue;
      const text = world.data(`asks/${name}`);
      if (text !== void 0) this.asks.set(id, { cmd: commandOf(text), text });
    }
    for (const name of world.names("consumed"))
      if (!this.consumed.has(name)) this.consumed.set(name, world.data(`consumed/${name}`) ?? "");
    const config = JSON.parse(world.data("config.json") ?? "{}");
    this.limitUsd = Math.max(this.limitUsd, config.budget?.day_usd ?? 10);
  }
  /** Every call of a process that changed something. */
  changed(process2, call, path2) {
    if (process2.argv[0] !== "__pulse" || !path2.startsWith(`${DATA}/`)) return;
    const key = path2.slice(DATA.length + 1);
    const epoch = /^locks\/pulse\/(\d+)\.json$/.exec(key)?.[1];
    if (epoch !== void 0 && call === "link" && !this.#epochs.has(process2)) {
      this.#epochs.set(process2, Number(epoch));
      this.#newest = Math.max(this.#newest, Number(epoch));
      return;
    }
    const mine = this.#epochs.get(process2);
    if (mine === void 0 || mine >= this.#newest || !isVisible(call, key)) return;
    if (!this.stale.has(process2)) this.stale.set(process2, /* @__PURE__ */ new Set());
    this.stale.get(process2).add(key);
  }
};
function isVisible(call, key) {
  if (key.split("/").some((part) => part.startsWith("."))) return false;
  if (call === "open" || call === "mkdir") return false;
  return !/^locks\/|\/(started\.json|supervisor\.log)$/.test(key);
}
function commandOf(text) {
  return /"?cmd"?: ?"([^"]*)"/.exec(text)?.[1] ?? /cmd: ([^\n]+)/.exec(text)?.[1];
}

// test/simulation/history.ts
var eventsOf = (seed) => drawEvents(random(seed * 2 + 1));
function runHistory(ground2, seed, events = eventsOf(seed)) {
  const world = new World();
  const machine = new Machine({ seed, from: ground2.from, realms: ground2.realms, outside: world.outside });
  world.machine = machine;
  const witness = new Witness(world);
  machine.onChange = (process2, call, path2) => witness.changed(process2, call, path2);
  const failing = (when) => {
    witness.look();
    for (const invariant of INVARIANTS) {
      if (invariant.when !== when) continue;
      const what = invariant.broken({ world, witness });
      if (what !== void 0) return { seed, name: invariant.name, what, events };
    }
    return void 0;
  };
  let found;
  const stage = {
    world,
    witness,
    perform: (event) => {
      perform(stage, event);
      found ??= failing("always");
    }
  };
  try {
    stage.perform({ do: "a pulse starts", n: 0 });
    machine.pass(300, 3);
    for (const event of events) {
      stage.perform(event);
      if (found) return found;
    }
    rest(stage);
    found ??= failing("always") ?? failing("rest") ?? disturbed(stage, { seed, events });
  } catch (error) {
    found ??= { seed, name: "the history can be run", what: String(error.stack), events };
  } finally {
    if (process.env["TRACE"]) trace(world);
    for (const process2 of machine.living) machine.end(process2, { code: null, signal: "SIGKILL" });
  }
  return found;
}
function rest(stage) {
  const { world } = stage;
  const { machine } = world;
  machine.refusal = void 0;
  machine.disk.isFull = false;
  machine.spare();
  world.decisions.length = 0;
  world.deciderFails = false;
  world.cost = 1e-3;
  world.commandsEnd = true;
  for (const process2 of machine.living) machine.signal(process2, "SIGCONT");
  machine.pass(12e3, 8);
  if (world.pulses().length === 0) perform(stage, { do: "a pulse starts", n: 0 });
  for (let round = 0, quiet = 0; round < 40 && quiet < 2; round++) {
    for (const process2 of [...world.running, ...world.workers]) machine.end(process2, { code: 0, signal: null });
    const before = machine.disk.changes;
    machine.pass(round < 2 ? 15e3 : 31e4, 5);
    quiet = round >= 2 && machine.disk.changes === before ? quiet + 1 : 0;
  }
}
function disturbed({ world }, of) {
  const { machine } = world;
  const before = { changes: machine.disk.changes, deciders: world.deciders };
  machine.pass(6e5, 3);
  const writes = machine.disk.changes - before.changes;
  const calls = world.deciders - before.deciders;
  if (writes === 0 && calls === 0) return void 0;
  const name = "an unchanged world writes no byte and starts no model";
  return { ...of, name, what: `${writes} changes, the last of ${machine.lastChanged}; ${calls} model calls` };
}
function shrink(ground2, failure) {
  let best = failure;
  for (let again = true; again; ) {
    again = false;
    for (const events of without(best.events)) {
      const next = runHistory(ground2, best.seed, events);
      if (next?.name !== best.name) continue;
      best = next;
      again = true;
      break;
    }
  }
  return best;
}
function* without(events) {
  if (events.length > 3) {
    yield events.slice(Math.ceil(events.length / 2));
    yield events.slice(0, Math.floor(events.length / 2));
  }
  for (let i = events.length - 1; i >= 0; i--) {
    yield [...events.slice(0, i), ...events.slice(i + 1)];
    const { during } = events[i];
    for (const fewer of during ? without(during) : [])
      yield [...events.slice(0, i), { ...events[i], during: fewer }, ...events.slice(i + 1)];
  }
}
function trace({ machine }) {
  for (const file of machine.disk.names(DATA).filter((one) => one.startsWith("events-")))
    console.log(machine.disk.text(`${DATA}/${file}`));
  for (const { name, printed, complaint, ended } of machine.processes.values())
    console.log(`--- ${name} ${JSON.stringify(ended ?? "lives")}
${printed}${complaint}`);
}
function told(events, indent = "  ") {
  return events.map(({ do: deed, n, during }) => `${indent}${deed} (${n})${during ? `
${told(during, `${indent}    `)}` : ""}`).join("\n");
}

// test/simulation/main.ts
var ROOT = new URL("../..", import.meta.url).pathname;
async function bundle() {
  const built = await build({
    entryPoints: [join(ROOT, "test/simulation/program.ts")],
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20.19",
    external: ["@lydell/node-pty", "@xterm/headless"],
    define: { "import.meta.url": JSON.stringify(`file://${APP}/dist/main.js`) },
    write: false,
    logLevel: "error"
  });
  return built.outputFiles[0].text;
}
async function ground() {
  process.env["TZ"] = "UTC";
  const code = compile(await bundle());
  const free = [];
  const realms = { take: () => free.pop() ?? new Realm(code), give: (realm) => void free.push(realm) };
  return { realms, from: template() };
}
function template() {
  const disk = new MemoryDisk({
    now: () => Date.UTC(2026, 2, 2, 9),
    before: () => void 0,
    after: () => void 0,
    proc: () => void 0,
    pids: () => [],
    print: () => void 0
  });
  const dir = (path2) => void (disk.peek(path2) ?? disk.put(path2, "", "dir", 448));
  const copy = (from, to) => {
    dir(to);
    for (const entry of readdirSync(from, { withFileTypes: true }))
      if (entry.isDirectory()) copy(join(from, entry.name), `${to}/${entry.name}`);
      else disk.put(`${to}/${entry.name}`, readFileSync(join(from, entry.name)));
  };
  for (const path2 of [`${APP}/dist`, "/tmp", "/home/human", "/data/sensors", "/data/goals", "/data/reports"]) dir(path2);
  disk.put(`${APP}/dist/main.js`, "");
  disk.put(`${APP}/package.json`, readFileSync(join(ROOT, "package.json")));
  copy(join(ROOT, "seeds"), `${APP}/seeds`);
  disk.put("/data/PLAYBOOK.md", "Be calm.\n");
  disk.put("/data/goals/g0.md", "# Keep the depth low\n");
  disk.put("/data/sensors/depth.sh", "#!/bin/sh\ncat /depth\n", "file", 448);
  const config = {
    runner: "custom",
    tick_command: "model",
    worker_command: "agent {{prompt_file}}",
    gate: { allow: ["echo *"] },
    budget: { day_usd: 0.6 },
    interval: 300
  };
  disk.put("/data/config.json", JSON.stringify(config));
  return disk;
}
var FAILURES_MAX = 3;
async function runShare({ seed, histories, stride }) {
  const on = await ground();
  const failures = [];
  let unheard;
  process.on("unhandledRejection", (reason) => {
    if (!(reason instanceof Crash)) unheard ??= reason;
  });
  for (let i = 0; i < histories && failures.length < FAILURES_MAX; i++) {
    const at = seed + i * stride;
    let failure = runHistory(on, at);
    if (i % 50 === 49 || failure) await new Promise((resolve) => setImmediate(resolve));
    if (unheard !== void 0) failure ??= { seed: at, name: "no promise fails unheard", what: String(unheard?.stack ?? unheard), events: [] };
    unheard = void 0;
    if (failure) failures.push(histories === 1 || failure.events.length === 0 ? failure : shrink(on, failure));
  }
  return failures;
}
function flag(name, otherwise) {
  const at = process.argv.indexOf(`--${name}`);
  const value = at > 0 ? Number(process.argv[at + 1]) : otherwise;
  if (!Number.isInteger(value)) throw new Error(`--${name} takes a whole number`);
  return value;
}
async function main() {
  const seed = flag("seed", 1);
  const histories = flag("histories", 1e3);
  const jobs = Math.min(flag("jobs", 2), histories);
  const stride = flag("stride", 0);
  if (stride > 0) {
    process.send(await runShare({ seed, histories, stride }));
    process.disconnect();
    return;
  }
  const begun = performance.now();
  const shares = Array.from({ length: jobs }, (_, job) => share({ seed: seed + job, histories: Math.ceil((histories - job) / jobs), stride: jobs }));
  const failures = (await Promise.all(shares)).flat();
  for (const { seed: at, name, what, events } of failures)
    process.stdout.write(`
BROKEN: ${name}
  ${what}
replay: SEED=${at} HISTORIES=1
${told(events)}
`);
  const took = ((performance.now() - begun) / 1e3).toFixed(1);
  process.stdout.write(`
${histories} histories from seed ${seed} in ${took} s: ${failures.length === 0 ? "every invariant held" : "broken"}
`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}
function share({ seed, histories, stride }) {
  const args = ["--seed", seed, "--histories", histories, "--stride", stride].map(String);
  const child = fork(process.argv[1], args, { execArgv: [...process.execArgv, "--stack-trace-limit=0"] });
  return new Promise((resolve, reject) => {
    let got;
    child.on("message", (failures) => {
      got = failures;
    });
    child.on("error", reject);
    child.on("exit", (code) => got ? resolve(got) : reject(new Error(`a job ended with code ${code}`)));
  });
}
await main();
export {
  ground
};
