/** The words of generated tables in Chinese, by the English ones. */

import { SETTINGS } from "./settings.ts";

const WORDS: Readonly<Record<string, string>> = {
  "Command": "命令",
  "What it does": "作用",
  "Flag": "参数",
  "Meaning": "含义",
  "Code": "退出码",
  "Variable": "环境变量",
  "Default": "默认值",
  "Also read, in this order": "还会读取（按此顺序）",
  "none: secret": "无：敏感信息",
  "required": "必填",
  "without": "必填，除非已设",
  "take the instance out, prove it, wait until callers are gone (default)":
    "摘除实例、确认、等到调用方都离开（默认命令）",
  "put back what was taken out; always exits with 0 unless --strict":
    "恢复被摘除的实例；不加 --strict 时退出码总是 0",
  "what each registry says about this instance now": "这个实例现在在各注册中心的状态",
  "whether `offline` would work; changes nothing, prints the YAML to paste":
    "`offline` 能否成功；不改动任何东西，并打印可粘贴的 YAML",
  "a container of its own: `online`, wait for TERM, `offline`":
    "独立的容器：先 `online`，等待 SIGTERM，再 `offline`",
  "copy the kit from its image into the volume at /target (init container)":
    "把工具包从它的镜像复制到挂在 /target 的卷（init 容器）",
  "online: at a start: wait for a sign of life of the app, give way to an `offline`":
    "online：用于启动时：等应用有活动迹象再恢复，遇到 `offline` 则让它优先",
  "online: put it back also where it was no `offline` that has taken it out":
    "online：即使不是由 `offline` 摘除的，也恢复",
  "online: exit with the code that fits, instead of 0": "online：按实际结果给出退出码，而不总是 0",
  "status, check: one JSON object": "status、check：输出一个 JSON 对象",
  "check: only the YAML to paste": "check：只输出可粘贴的 YAML",
  "check: also defaults, each finding, the YAML to paste":
    "check：还输出默认值、每一项结果和可粘贴的 YAML",
  "this text; also -h, help": "帮助；也可用 -h、help",
  "the version; also -v, version": "版本；也可用 -v、version",
  "done, or nothing to do": "完成，或无事可做",
  "usage: unknown command or flag": "用法：未知的命令或参数",
  "not found: the instance was never seen in the registry": "未找到：注册中心里从未见到该实例",
  "unreachable: no registry address gave a usable answer":
    "不可达：所有注册中心地址都没有给出可用的响应",
  "internal error: a bug, please report it": "内部错误：是 bug，请报告",
  "not confirmed: written, but the registry still shows the old state":
    "未确认：已写入，但注册中心仍显示旧状态",
  "refused: login failed or permission missing": "被拒：登录失败或权限不足",
  "settings: a value is missing or wrong": "设置：缺少值或值有误",
  "undone: `online` ended this `offline`, or the other way round":
    "已撤销：`online` 结束了这次 `offline`，或者反过来",
  "no hook": "没有钩子",
  "the script as published": "网上的原版脚本",
  "taken out, `sleep 30`": "摘除后 `sleep 30`",
  "`offline`, grace period alone": "`offline`，只设宽限期",
  "last call after the write": "从写入到最后一次调用",
  "its end after the write": "从写入到钩子结束",
  "`offline`, `DRAIN_SECONDS=30`, `TRAFFIC_URL`": "`offline`，`DRAIN_SECONDS=30`，`TRAFFIC_URL`",
  ...SETTINGS,
};

/**
 * An English text of the code in Chinese.
 *
 * @throws {Error} there is none: what the code says has changed
 */
export function inChinese(english: string): string {
  const chinese = WORDS[english];
  if (chinese === undefined) {
    throw new Error(`scripts/chinese/ has no words for "${english}": add them in Chinese`);
  }
  return chinese;
}
