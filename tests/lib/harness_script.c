/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* harness_script.c - rulesets out of files' text, with ids and slots as the CLI gives them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "../../ctl/text/script.h"
#include "harness.h"

static int read_text(const char *text, struct script *script, struct fault *fault)
{
	autoclose int fd = memfd_create("rules", MFD_CLOEXEC);
	size_t len = strlen(text), done = 0;
	char path[32];

	if (fd < 0)
		return -errno;
	while (done < len) {
		ssize_t r = write(fd, text + done, len - done);

		if (r < 0)
			return -errno;
		done += r;
	}
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return script_read(path, script, fault);
}

/* Names of files go with the script. */
static void take_sets(struct ruleset *from, struct ruleset *to)
{
	to->sets = from->sets;
	to->set_count = from->set_count;
	for (size_t i = 0; i < to->set_count; i++)
		to->sets[i].file = NULL;
	from->sets = NULL;
	from->set_count = 0;
}

int harness_script(const char *text, struct ruleset *rules, struct fault *fault)
{
	autoscript struct script script = {};
	int r = read_text(text, &script, fault);

	ruleset_init(rules);
	if (r < 0)
		return r;
	rules->policy = script.rules.policy;
	take_sets(&script.rules, rules);
	for (size_t i = 0; i < script.rules.count && !r; i++) {
		struct rule rule = script.rules.rules[i];

		script.rules.rules[i] = (struct rule){};
		rule.file = NULL;
		r = ruleset_insert(rules, rules->count, &rule, fault);
		rule_free(&rule);
	}
	return r < 0 ? r : ruleset_give_slots(rules, fault);
}
