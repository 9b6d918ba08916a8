/** docs/zh-CN/faults.md. */

import type { Facts } from "./table.ts";

/** The heads of columns and rows, by the English ones. */
const WORDS: Readonly<Record<string, string>> = {
  "from the first request on": "从第一个请求起",
  "version": "查版本",
  "login": "登录",
  "first look": "首次查询",
  "write": "写入",
  "confirming look": "确认",
  "callers' list": "调用方列表",
  "while draining": "排空期间",
  "peak, MiB": "峰值，MiB",
  "404 of an ingress, HTML": "Ingress 的 404，HTML",
  "404 without a body": "没有正文的 404",
  "404 of a gateway, JSON": "网关的 404，JSON",
  "403 of a gateway": "网关的 403",
  "login page, 200": "登录页面，200",
  "redirect to a login page": "重定向到登录页面",
  "502": "502",
  "JSON of another kind": "其他内容的 JSON",
  "connection reset": "连接被重置",
  "answer lost": "响应丢失",
  "cut in mid-body": "正文中途断开",
  "truncated JSON": "JSON 被截断",
  "slow, 8 s": "缓慢，8 s",
  "no answer ever": "永不响应",
  "endless, a byte at a time": "无休止，一次一个字节",
  "gzip bomb": "gzip 炸弹",
  "200 MB stream": "200 MB 的流",
  "Content-Length of 10 GB": "Content-Length 为 10 GB",
};

/** The head of a column or row; a unit test asks for each, since the run takes 11 minutes. */
export function inChineseWords(english: string): string {
  const chinese = WORDS[english];
  if (chinese === undefined) throw new Error(`tests/faults/chinese.ts has no words for ${english}`);
  return chinese;
}

/** What is said of the runs. */
export function inChinese(facts: Facts): string {
  const { date, commit, runs, kept, sites, drain, seconds, mostMib, peakMib, latest } = facts;
  const { passing, lasting, kills, wrong } = facts;
  return `[service-offline](../../README.zh-CN.md) · [English](../faults.md)

# 遇到错误响应会怎样

由 \`deno task test:faults --write\` 于 ${date} 生成（提交 ${commit}），不是手写的：${runs} 次 \`offline\`，每次用真实注册中心（${
    sites.join("、")
  }；Nacos 开启鉴权）上的一个单独的实例，经过一个代理，由它破坏运行中某个时刻的响应。\`DRAIN_SECONDS=${drain}\`。共 ${seconds} s。

对每次运行都检查：是否在排空结束之前（什么都没被接受时，在截止时间之前）就结束了？是否晚于截止时间？直接询问注册中心，最后一行说的与实际是否一致？内存是否保持在 ${mostMib} MiB 以下？

**${runs} 次运行中有 ${kept} 次全部满足。** 内存峰值 ${peakMib} MiB，最晚的一次在截止时间之后 ${latest} s 结束。

每格依次表示 ${
    sites.join(" · ")
  }，只有一个值时，三者相同；– ：该注册中心没有这个时刻。**✗** ：以上有未满足的。

## 短暂的故障

从该时刻的第一个请求起，${passing.faulty} s 之内都遇到故障，之后注册中心恢复正常（截止时间 ${passing.deadline} s）。正确的结果：已下线，退出码 0。数字：多少秒之后注册中心的记录变为下线。

${passing.table(inChineseWords)}

## 持续的故障

同样的故障持续到运行结束（截止时间 ${lasting.deadline} s）。正确的结果：只要注册中心没有显示实例已下线，就坚持到截止时间；实例仍在服务中时，退出码绝不为 0。数字：退出码（0 已下线，69 没有可用的响应，75 已写入但没有看到，77 被拒）；+ ：注册中心里其实已下线。

${lasting.table(inChineseWords)}

## 各种故障

“永不响应”：请求收下了，却什么都不返回。“响应丢失”：注册中心已照办，连接没有响应就断开。“缓慢”“正文中途断开”“JSON 被截断”：是注册中心自己的响应。其余都由代理给出，注册中心收不到请求。gzip 炸弹是 256 kB 压缩的 256 MiB 空格。

## 中途被杀

${kills.runs} 次运行（种子 ${kills.seed}）在随机时刻被 SIGKILL 杀掉，其中 ${kills.wereOut} 次是在看到实例已下线之后，并在一秒之内以同样的环境再次运行。正确的结果：总共只排空一次，两次运行之间的时间不算，退出码 0，已下线。**${kills.runs} 次中有 ${kills.right} 次做到。** 从第一次看到下线到第二次运行结束，含启动时间：${kills.shortest} 至 ${kills.longest} s，\`DRAIN_SECONDS=${kills.drain}\`。
${wrong.length > 0 ? `\n## 没有满足的\n\n${wrong.join("\n")}\n` : ""}`;
}
