// Tokens of messaging, payment, AI and other services. Forms: the services' own documentation of their tokens.

import { isDiscordToken } from "../checks/structures.ts";
import { nearWord, type SecretRule, special, token } from "../secret-rule.ts";

const messaging: readonly SecretRule[] = [
  token({
    id: "slack-token",
    title: "Slack token",
    prefixes: ["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-"],
    body: "(?:\\d+-)?\\d{9,14}-(?:\\d{9,14}-)*[A-Za-z0-9]{20,40}",
  }),
  token({
    id: "slack-app-token",
    title: "Slack app-level token",
    prefixes: ["xapp-1-"],
    body: "[A-Z0-9]{8,12}-\\d{10,14}-[0-9a-f]{64}",
  }),
  special({
    id: "slack-webhook",
    title: "Slack incoming webhook",
    severity: "medium",
    literals: ["hooks.slack.com/"],
    pattern:
      /hooks\.slack\.com\/(?<secret>(?:services|workflows)\/T[A-Z0-9]{8,11}\/[AB][A-Z0-9]{8,11}\/[A-Za-z0-9]{23,25})(?![A-Za-z0-9])/y,
    minEntropy: 3.5,
  }),
  special({
    id: "discord-bot-token",
    title: "Discord bot token",
    literals: ["discord", "bot_token", "bot-token"],
    isCaseless: true,
    pattern:
      /(?:discord|bot[_-]token)[\w.-]{0,40}["'`]?\s{0,3}(?:=>|[:=,(]|\s)\s{0,3}["'`]?(?:Bot )?(?<secret>[A-Za-z0-9_-]{23,28}\.[\w-]{6}\.[\w-]{27,38})(?![\w-])/iy,
    check: isDiscordToken,
  }),
  special({
    id: "discord-webhook",
    title: "Discord webhook",
    severity: "medium",
    literals: ["/api/webhooks/"],
    pattern: /\/api\/webhooks\/(?<secret>\d{17,20}\/[\w-]{60,72})(?![\w-])/y,
    minEntropy: 3.5,
  }),
  special({
    id: "telegram-bot-token",
    title: "Telegram bot token",
    literals: [":AA"],
    pattern: /(?<secret>\d{8,10}:AA[\w-]{33})(?![\w-])/g,
    lookBack: 12,
    minEntropy: 3.5,
  }),
  token({
    id: "sendgrid-key",
    title: "SendGrid API key",
    prefixes: ["SG."],
    body: "[\\w-]{22}\\.[\\w-]{43}",
    minEntropy: 4,
  }),
  nearWord({
    id: "twilio-api-key",
    title: "Twilio API key or auth token",
    words: ["twilio"],
    body: "(?:SK)?[0-9a-f]{32}",
  }),
  nearWord({
    id: "mailgun-key",
    title: "Mailgun API key",
    words: ["mailgun"],
    body: "(?:key-[0-9a-f]{32}|[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8})",
  }),
  special({
    id: "mailchimp-key",
    title: "Mailchimp API key",
    literals: ["-us1", "-us2", "-us3", "-us4", "-us5", "-us6", "-us7", "-us8", "-us9"],
    pattern: /(?<secret>[0-9a-f]{32}-us\d{1,2})(?![\w-])/y,
    lookBack: 32,
    minEntropy: 3,
  }),
  token({ id: "brevo-key", title: "Brevo API key", prefixes: ["xkeysib-"], body: "[0-9a-f]{64}-[A-Za-z0-9]{16}" }),
];

const payment: readonly SecretRule[] = [
  token({
    id: "stripe-live-key",
    title: "Stripe live key",
    severity: "critical",
    prefixes: ["sk_live_", "rk_live_"],
    body: "[A-Za-z0-9]{24,247}",
    minEntropy: 3.5,
  }),
  token({
    id: "stripe-test-key",
    title: "Stripe test key",
    severity: "low",
    prefixes: ["sk_test_", "rk_test_"],
    body: "[A-Za-z0-9]{24,247}",
    minEntropy: 3.5,
  }),
  token({
    id: "stripe-webhook-secret",
    title: "Stripe webhook secret",
    severity: "medium",
    prefixes: ["whsec_"],
    body: "[A-Za-z0-9+/]{32,64}={0,2}",
    minEntropy: 3.5,
  }),
  token({
    id: "square-token",
    title: "Square access token or secret",
    severity: "critical",
    prefixes: ["sq0atp-", "sq0csp-"],
    body: "[\\w-]{22,43}",
    minEntropy: 3.5,
  }),
  token({
    id: "square-access-token",
    title: "Square access token",
    severity: "critical",
    prefixes: ["EAAAE", "EAAAl"],
    body: "[\\w-]{59}",
    minEntropy: 4,
  }),
  token({
    id: "shopify-token",
    title: "Shopify token",
    severity: "critical",
    prefixes: ["shpat_", "shpss_", "shpca_", "shppa_"],
    body: "[0-9a-fA-F]{32}",
  }),
  token({ id: "shippo-token", title: "Shippo API token", prefixes: ["shippo_live_"], body: "[0-9a-f]{40}" }),
  token({ id: "easypost-key", title: "EasyPost API key", prefixes: ["EZAK"], body: "[A-Za-z0-9]{54}", minEntropy: 4 }),
];

const intelligence: readonly SecretRule[] = [
  special({
    id: "openai-key",
    title: "OpenAI API key",
    literals: ["T3BlbkFJ"],
    pattern:
      /(?<secret>sk-(?:(?:proj|svcacct|admin)-[\w-]{58,74}|[A-Za-z0-9]{20})T3BlbkFJ(?:[\w-]{58,74}|[A-Za-z0-9]{20}))(?![\w-])/g,
    lookBack: 90,
    minEntropy: 3.5,
    isCertain: true,
  }),
  token({
    id: "anthropic-key",
    title: "Anthropic API key",
    prefixes: ["sk-ant-api03-", "sk-ant-admin01-", "sk-ant-oat01-"],
    body: "[\\w-]{93}AA",
  }),
  token({
    id: "hugging-face-token",
    title: "Hugging Face token",
    prefixes: ["hf_", "api_org_"],
    body: "[A-Za-z]{34}",
    minEntropy: 3.5,
  }),
  token({
    id: "replicate-token",
    title: "Replicate API token",
    prefixes: ["r8_"],
    body: "[A-Za-z0-9]{37}",
    minEntropy: 3.5,
  }),
  token({ id: "groq-key", title: "Groq API key", prefixes: ["gsk_"], body: "[A-Za-z0-9]{52}", minEntropy: 4 }),
  token({
    id: "perplexity-key",
    title: "Perplexity API key",
    prefixes: ["pplx-"],
    body: "[A-Za-z0-9]{48}",
    minEntropy: 4,
  }),
  token({ id: "xai-key", title: "xAI API key", prefixes: ["xai-"], body: "[A-Za-z0-9]{80}", minEntropy: 4 }),
  token({
    id: "langsmith-key",
    title: "LangSmith API key",
    severity: "medium",
    prefixes: ["lsv2_pt_", "lsv2_sk_"],
    body: "[0-9a-f]{32}_[0-9a-f]{10}",
  }),
];

export const serviceRules: readonly SecretRule[] = [...messaging, ...payment, ...intelligence];
