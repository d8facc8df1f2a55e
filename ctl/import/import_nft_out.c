/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_nft_out.c - what a rule of nft has become so far: its text, its verdict, or why it has no translation. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "import_nft.h"

int nft_no_translation(struct nft_rule *rule, const json_t *at, const char *format, ...)
{
	va_list args;

	if (rule->why) /* the first counts */
		return 0;
	va_start(args, format);
	rule->why = text_format(format, args);
	va_end(args);
	if (!rule->why)
		return -ENOMEM;
	rule->at = at;
	return 0;
}

const char *nft_string(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

int nft_append(struct nft_rule *rule, const char *text)
{
	for (size_t i = 0; i < rule->count; i++) {
		struct nft_variant *to = &rule->variants[i];
		char *longer = text_printf("%s%s", to->text, text);

		if (!longer)
			return -ENOMEM;
		free(to->text);
		to->text = longer;
	}
	return 0;
}

int nft_need(struct nft_rule *rule, const char *text)
{
	if (!text)
		return 0;
	for (size_t i = 0; i < rule->need_count; i++)
		if (!strcmp(rule->needs[i], text))
			return 0;
	if (rule->need_count == ARRAY_SIZE(rule->needs))
		return nft_no_translation(rule, NULL, "it looks at too much");
	rule->needs[rule->need_count++] = text;
	return 0;
}

int nft_read_verdict(struct nft_rule *rule, const json_t *verdict, struct nft_variant *ret)
{
	static const struct {
		const char *name;
		enum target target;
	} verdicts[] = {
		{ "accept", TARGET_PASS },   { "drop", TARGET_DROP }, { "continue", TARGET_NONE },
		{ "return", TARGET_RETURN }, { "jump", TARGET_JUMP }, { "goto", TARGET_GOTO },
	};

	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		const json_t *value = json_object_get(verdict, verdicts[i].name);

		if (!value)
			continue;
		ret->target = verdicts[i].target;
		ret->jump = nft_string(value, "target");
		if (ret->target >= TARGET_JUMP && !ret->jump)
			break;
		return 0;
	}
	return nft_no_translation(rule, verdict, "the verdict has no translation");
}
