/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rulesets.c - large rulesets: the native walk and the programs of all hooks against the oracle,
 * verdict and rule of every packet.
 *
 *	rulesets [-s SEED] [-l]
 *	rulesets [-s SEED] [-n PACKETS] [-r RULES] [-a TRIES] [-c] [-6] MANNER|FILE...
 *	rulesets -H [-s SEED] [-n PACKETS] [-r RULES] MANNER...
 *	rulesets -f FIELD|all [-s SEED] [-n PACKETS]
 *	rulesets -S [-s SEED] [-n PACKETS] [-r ELEMENTS] [FILE...]
 *
 * Each manner (see tests/lib/random_rules.h) makes one ruleset of RULES rules by chance; a file
 * holds ClassBench's rules (-6: as IPv6), or addresses, of which RULES at most are taken. PACKETS: at
 * least; half of them are corners of the rules, -c: every corner of every rule. Without either: the
 * sets of make test, -l: of make test-long. After that come packets aimed at what costs most (see
 * tests/lib/costly_packets.h), TRIES of a kind. At the end: how many headers each field was tried
 * with. -H: packets that hide headers, and fragments, alone. -f: rules that all look at the field, or of every field by turns; PACKETS that have one. -S:
 * all lists as sets of one ruleset, and two of ELEMENTS made by chance.
 */
#include <err.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/costly_packets.h"
#include "../lib/oracle_check.h"
#include "../lib/data_files.h"
#include "../lib/random_rules.h"

#define FLOWS (1 << 18)
#define LONG_AGO 2 /* seconds after the machine was booted; what is compiled is compiled before */
#define TRIES 8	   /* rulesets of other seeds when the compiler refuses one */

struct options {
	uint64_t seed;
	size_t packets, rules, tries;
	bool all_corners, ip6, sets, hide;
	enum field about; /* that all rules look at, or FIELDS */
};

/* What make test and make test-long run; 0 packets: every corner. */
static const struct plan {
	enum manner manner;
	size_t rules, packets, times;
} quick[] = {
	{ MANNER_FIELDS, 5, 2000, 2 },	  { MANNER_FIELDS, 30, 4000, 2 },
	{ MANNER_FIELDS, 300, 0, 1 },	  { MANNER_TUPLES, 300, 0, 1 },
	{ MANNER_TUPLES, 3000, 0, 1 },	  { MANNER_SETS, 60, 4000, 2 },
	{ MANNER_SETS, 1000, 8000, 1 },	  { MANNER_IP6, 1000, 0, 1 },
}, thorough[] = {
	{ MANNER_FIELDS, 8, 20000, 10 },  { MANNER_FIELDS, 40, 20000, 10 },
	{ MANNER_FIELDS, 300, 0, 5 },	  { MANNER_FIELDS, 1000, 0, 3 },
	{ MANNER_SETS, 10, 0, 10 },	  { MANNER_SETS, 200, 0, 3 },
	{ MANNER_SETS, 1000, 0, 1 },	  { MANNER_TUPLES, 1000, 0, 2 },
	{ MANNER_IP6, 1000, 0, 2 },	  { MANNER_TUPLES, 10000, 0, 2 },
	{ MANNER_IP6, 10000, 0, 2 },	  { MANNER_TUPLES, 100000, 0, 1 },
	{ MANNER_IP6, 100000, 0, 1 },
};

static void try_packet(struct oracle_check *c, struct prng *prng, bool hide, struct test_packet *d)
{
	if (hide)
		test_packet_hide(prng, d);
	oracle_check_packet(c, d);
}

/* Each corner of each rule, or as many as there is room for, spread over all. */
static void try_corners(struct oracle_check *c, struct prng *prng, const struct options *o)
{
	const struct ruleset *rules = &c->harness.rules;
	size_t room = o->all_corners ? 0 : o->packets / 2, all = 0, seen = 0, stride;
	struct test_packet d;

	for (size_t i = 0; i < rules->count; i++)
		all += test_packet_corners(&rules->rules[i]);
	stride = room ? all / (room + 1) + 1 : 1;
	for (size_t i = 0; i < rules->count; i++) {
		size_t corners = test_packet_corners(&rules->rules[i]);

		for (size_t n = 0; n < corners; n++) {
			if (seen++ % stride)
				continue;
			test_packet_corner(prng, rules, &rules->rules[i], n, &d);
			try_packet(c, prng, o->hide, &d);
		}
	}
}

/* Packets; of one field only those that have it. */
static uint64_t tried(const struct oracle_check *c, const struct options *o)
{
	return o->about < FIELDS ? c->tally.of[o->about].headers : c->packets;
}

static void try_packets(struct oracle_check *c, struct prng *prng, const struct options *o)
{
	const struct ruleset *rules = &c->harness.rules;
	uint64_t enough = tried(c, o) + o->packets;
	struct test_packet d;

	try_corners(c, prng, o);
	for (size_t i = 0; i < o->packets / 2 || tried(c, o) < enough; i++) {
		if (below(prng, 10))
			test_packet_for(prng, rules, &rules->rules[below(prng, rules->count)],
					below(prng, 4), &d);
		else
			test_packet_random(prng, &d);
		try_packet(c, prng, o->hide, &d);
		for (uint32_t more = below(prng, 2) * below(prng, 4); more && d.probe.family; more--) {
			test_packet_again(prng, rules, &d);
			try_packet(c, prng, o->hide, &d);
		}
	}
}

/* The compiler may refuse what would take too many copies; a different seed then. */
static int make_rules(struct oracle_check *c, enum manner manner, const struct options *o,
		      const char *name, struct fault *fault)
{
	int r = -EINVAL;

	for (uint64_t i = 0; i < TRIES && r == -EINVAL; i++) {
		autofree char *text = random_script(manner, o->about, o->seed + i * 1000003, o->rules);
		struct ruleset rules;

		memset(fault, 0, sizeof(*fault));
		r = harness_script(text, &rules, fault);
		random_script_age(&rules, o->seed, LONG_AGO);
		c->edit_seed = o->seed;
		if (!r)
			r = oracle_check_ruleset(c, name, &rules, fault);
		if (r == -EINVAL)
			printf("     %s: refused: %s\n", name, fault->message);
		ruleset_free(&rules);
	}
	return r;
}

static int read_rules(struct oracle_check *c, const char *path, const struct options *o,
		      const char *name, struct fault *fault)
{
	size_t count;
	char **texts = rules_of_file(path, o->ip6, o->rules, &count);
	struct ruleset rules;
	int r;

	if (!texts)
		err(1, "%s", path);
	r = harness_parse(VERDICT_DROP, (const char *const *)texts, count, &rules, fault);
	c->edit_seed = o->seed;
	if (!r)
		r = oracle_check_ruleset(c, name, &rules, fault);
	random_rules_free(texts, count);
	ruleset_free(&rules);
	return r;
}

static bool prove(struct oracle_check *c, const char *name, const struct options *o, int r,
		  const struct fault *fault)
{
	struct prng prng = prng_seed(~o->seed);
	bool good;

	if (r < 0) {
		printf("FAIL %s: %s: %s\n", name, strerror(-r), fault->message);
		return false;
	}
	try_packets(c, &prng, o);
	costly_packets(c, &prng, o->tries);
	good = oracle_check_end(c);
	oracle_check_print(c);
	return good;
}

static bool prove_random(struct oracle_check *c, enum manner manner, const struct options *o)
{
	struct fault fault = {};
	char name[64];

	snprintf(name, sizeof(name), "%s, seed %llu",
		 o->about < FIELDS ? match_fields[o->about].word : manner_names[manner],
		 (unsigned long long)o->seed);
	return prove(c, name, o, make_rules(c, manner, o, name, &fault), &fault);
}

/* A manner's name, or a file. */
static bool prove_word(struct oracle_check *c, const char *word, const struct options *o)
{
	const char *name = strrchr(word, '/') ? strrchr(word, '/') + 1 : word;
	struct fault fault = {};

	for (int i = 0; i < MANNER_COUNT; i++)
		if (!strcmp(word, manner_names[i]))
			return prove_random(c, i, o);
	return prove(c, name, o, read_rules(c, word, o, name, &fault), &fault);
}

static bool prove_sets(struct oracle_check *c, char *const *paths, size_t count,
		       const struct options *o)
{
	struct prng prng = prng_seed(o->seed);
	autofree char *text = script_of_lists(paths, count, o->rules, &prng);
	struct fault fault = {};
	struct ruleset rules;
	int r;

	if (!text)
		errx(1, "a list cannot be read");
	r = harness_script(text, &rules, &fault);
	if (!r)
		r = oracle_check_ruleset(c, "sets of lists", &rules, &fault);
	ruleset_free(&rules);
	return prove(c, "sets of lists", o, r, &fault);
}

/* One ruleset. Each takes long, and each packet one CPU: as many processes as CPUs share them out. */
struct job {
	struct options options;
	enum manner manner;
	const char *word; /* a manner's name or a file, instead */
};

struct jobs {
	struct job *job;
	size_t count;
	char **lists; /* -S: one job of them all */
	size_t list_count;
};

/* What the processes share. */
struct progress {
	atomic_uint next, passed, failed;
	struct field_tally tally;
};

static void add_job(struct jobs *jobs, const struct job *job)
{
	struct job *grown = reallocarray(jobs->job, jobs->count + 1, sizeof(*job));

	if (!grown)
		err(1, NULL);
	grown[jobs->count++] = *job;
	jobs->job = grown;
}

static void add_plan(struct jobs *jobs, const struct plan *plan, struct options o)
{
	o.rules = plan->rules;
	o.packets = MAX(plan->packets, 20000u * !plan->packets);
	o.all_corners = !plan->packets;
	for (size_t i = 0; i < plan->times; i++, o.seed++)
		add_job(jobs, &(struct job){ .options = o, .manner = plan->manner });
}

/* Few rules, so that each is met often; and more of them. */
static void add_field(struct jobs *jobs, enum field field, struct options o)
{
	static const size_t rules[] = { 6, 12, 25, 50, 100, 200 };

	o.about = field;
	o.packets = o.packets / ARRAY_SIZE(rules) + 1;
	o.tries /= 10;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++, o.seed++) {
		o.rules = rules[i];
		add_job(jobs, &(struct job){ .options = o, .manner = MANNER_FIELDS });
	}
}

/* False: there is no such field. */
static bool add_fields(struct jobs *jobs, const char *word, const struct options *o)
{
	bool all = !strcmp(word, "all");

	for (int i = 0; i < FIELDS; i++)
		if (all || !strcmp(word, match_fields[i].word))
			add_field(jobs, i, *o);
	return jobs->count;
}

static bool do_job(struct oracle_check *c, const struct jobs *jobs, const struct job *job)
{
	if (job->options.sets)
		return prove_sets(c, jobs->lists, jobs->list_count, &job->options);
	if (job->word)
		return prove_word(c, job->word, &job->options);
	return prove_random(c, job->manner, &job->options);
}

/* From the last job on: those of the most rules stand there, and are better not left for the end. */
static void work(const struct jobs *jobs, struct progress *progress)
{
	struct fault fault = {};
	struct oracle_check check;
	unsigned int taken;

	if (oracle_check_open(FLOWS, &check, &fault) < 0)
		errx(1, "%s", fault.message);
	while ((taken = progress->next++) < jobs->count) {
		bool good = do_job(&check, jobs, &jobs->job[jobs->count - 1 - taken]);

		progress->passed += good;
		progress->failed += !good;
	}
	field_tally_add(&progress->tally, &check.tally);
	oracle_check_close(&check);
}

static void work_all(const struct jobs *jobs, struct progress *progress)
{
	size_t workers = MIN((size_t)get_nprocs(), jobs->count);
	int status;

	for (size_t i = 0; i < workers; i++) {
		pid_t child = fork();

		if (child < 0)
			err(1, "fork");
		if (!child) {
			work(jobs, progress);
			exit(0);
		}
	}
	while (wait(&status) > 0)
		progress->failed += status != 0;
}

static void usage(void)
{
	errx(2, "rulesets [-s SEED] [-l]\n"
		"rulesets [-s SEED] [-n PACKETS] [-r RULES] [-a TRIES] [-c] [-6] MANNER|FILE...\n"
		"rulesets -H [-s SEED] [-n PACKETS] [-r RULES] MANNER...\n"
		"rulesets -f FIELD|all [-s SEED] [-n PACKETS]");
}

int main(int argc, char **argv)
{
	struct options o = {
		.seed = 1, .rules = 1000, .tries = 20000, .about = FIELDS
	};
	const char *about = NULL;
	const struct plan *plan = quick;
	size_t plans = ARRAY_SIZE(quick);
	struct progress *progress;
	struct jobs jobs = {};
	int option;

	while ((option = getopt(argc, argv, "s:n:r:a:f:cl6SH")) != -1) {
		if (option == 's')
			o.seed = strtoull(optarg, NULL, 10);
		else if (option == 'n')
			o.packets = strtoul(optarg, NULL, 10);
		else if (option == 'r')
			o.rules = strtoul(optarg, NULL, 10);
		else if (option == 'a')
			o.tries = strtoul(optarg, NULL, 10);
		else if (option == 'f')
			about = optarg;
		else if (option == 'c')
			o.all_corners = true;
		else if (option == '6')
			o.ip6 = true;
		else if (option == 'H')
			o.hide = true;
		else if (option == 'S')
			o.sets = true;
		else if (option == 'l')
			plan = thorough, plans = ARRAY_SIZE(thorough), o.tries = 200000;
		else
			usage();
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (o.sets) {
		jobs.lists = argv + optind;
		jobs.list_count = argc - optind;
		add_job(&jobs, &(struct job){ .options = o });
	}
	if (!o.packets)
		o.packets = about ? 1000000 : 20000;
	if (about && !add_fields(&jobs, about, &o))
		errx(2, "no such field: %s", about);
	for (size_t i = 0; !o.sets && !about && optind == argc && i < plans; i++)
		add_plan(&jobs, &plan[i], o);
	for (int i = optind; !o.sets && i < argc; i++)
		add_job(&jobs, &(struct job){ .options = o, .word = argv[i] });
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (progress == MAP_FAILED)
		err(1, NULL);
	work_all(&jobs, progress);
	free(jobs.job);
	field_tally_print(&progress->tally);
	printf("%u passed, %u failed, 0 skipped\n", progress->passed, progress->failed);
	return progress->failed != 0;
}
