using System.CommandLine;
using System.Globalization;
using SoupsActors.Placement;
using SoupsActors.Simulation;
using SoupsActors.Simulation.Study;

namespace SoupsActors.Cli.Commands;

/// <summary>The cluster of <c>soups simulate</c> on the command line.</summary>
internal sealed class SimulateOptions
{
    private static readonly SimulationOptions Defaults = new();

    private readonly Option<string> silos = Text("--silos", "Generator silos: one number or several, 4,64,512.", "64");
    private readonly Option<string> policies = Text(
        "--policy",
        "How generators are chosen: one or several of random, least-loaded, two-choices, residency.",
        "random,least-loaded,two-choices,residency");

    private readonly Option<int> users = Value("--users", "Users.", Defaults.Users);
    private readonly Option<double> userExponent = Value(
        "--user-zipf", "How unevenly users ask: Zipf's exponent.", Defaults.UserExponent);
    private readonly Option<int> experts = Value("--experts", "Experts.", Defaults.Experts);
    private readonly Option<double> exponent = Value(
        "--zipf", "How unevenly experts are liked: Zipf's exponent.", Defaults.ExpertExponent);
    private readonly Option<int> mix = Value("--mix", "Experts of a user's mix.", Defaults.ExpertsPerMix);
    private readonly Option<int> slots = Value("--slots", "Experts that a device holds.", Defaults.Slots);
    private readonly Option<int> cached = Value("--memory", "Experts that a silo keeps in memory.", Defaults.CachedExperts);
    private readonly Option<int> rows = Value("--rows", "Rows that a device decodes at once.", Defaults.Rows);
    private readonly Option<int> queue = Value("--queue", "Requests that a silo lets wait.", Defaults.QueueLimit);
    private readonly Option<double> missCost = Value(
        "--miss-cost",
        "What a missing expert counts against load: the threshold of replication.",
        Defaults.Placement.MissCost);

    private readonly Option<double> perReplica = Value(
        "--requests-per-replica",
        "Requests a second for one expert above which one more silo is its home; 0 for no homes.",
        Defaults.Placement.RequestsPerReplica);

    private readonly Option<double> reportPeriod = Value(
        "--report-period",
        "Seconds between two reports of a silo; 0 for choices that see everything.",
        Defaults.Placement.ReportPeriod.TotalSeconds);

    private readonly Option<int> attempts = Value(
        "--attempts", "Silos that are asked before a request is refused.", Defaults.Placement.Attempts);

    private readonly Option<double> rate = Value(
        "--rate", "Requests a second for each silo.", Defaults.Rate / Defaults.Silos);
    private readonly Option<int> clients = Value(
        "--clients", "A closed loop of so many clients in place of a rate.", Defaults.Clients);
    private readonly Option<double> think = Value(
        "--think", "Seconds that a client thinks before it asks again.", Defaults.ThinkSeconds);
    private readonly Option<long> requests = Value("--requests", "Requests for each silo.", 2500L);
    private readonly Option<double> prompt = Value("--prompt", "Tokens of a prompt.", Defaults.PromptTokens);
    private readonly Option<double> answer = Value("--answer", "Mean tokens of an answer.", Defaults.AnswerTokens);
    private readonly Option<bool> fixedAnswers = new("--fixed-answers") { Description = "All answers are that long." };
    private readonly Option<double> megabytes = Value("--expert-mb", "Megabytes of an expert.", Defaults.ExpertBytes / 1e6);
    private readonly Option<double> gigabits = Value(
        "--network-gbit", "What a silo's link carries, Gbit/s.", Defaults.NetworkBytesPerSecond * 8 / 1e9);
    private readonly Option<ulong> seed = Value("--seed", "Seed of everything random.", Defaults.Seed);
    private readonly Option<string> device = Text(
        "--device", $"How long devices take: {string.Join(", ", ServiceModel.Names)}.", ServiceModel.Names[0]);

    private readonly Option<double?> step = Milliseconds("--step-ms", "a step of no rows");
    private readonly Option<double?> row = Milliseconds("--row-ms", "each row of a step");
    private readonly Option<double?> expert = Milliseconds("--expert-ms", "each resident expert of a step");
    private readonly Option<double?> rowExpert = Milliseconds("--row-expert-ms", "each row and resident expert of a step");
    private readonly Option<double?> promptToken = Milliseconds("--prompt-token-ms", "each token of a prompt");
    private readonly Option<double?> load = Milliseconds("--load-ms", "bringing an expert to the device");
    private readonly Option<double?> restack = Milliseconds("--restack-ms", "laying out each resident expert anew");

    public void AddTo(Command command)
    {
        Option[] all =
        [
            silos, policies, users, userExponent, experts, exponent, mix, slots, cached, rows, queue, missCost,
            perReplica, reportPeriod, attempts, rate, clients, think, requests, prompt, answer, fixedAnswers, megabytes, gigabits,
            seed, device, step, row, expert, rowExpert, promptToken, load, restack,
        ];
        foreach (var option in all)
            command.Options.Add(option);
    }

    /// <exception cref="ArgumentException">A number cannot be read.</exception>
    public double[] Silos(ParseResult parsed) =>
    [
        .. parsed.GetRequiredValue(silos).Split(',').Select(text =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? (double)number
                : throw new ArgumentException($"'{text}' is no number of silos; write --silos 4,64,512.")),
    ];

    /// <exception cref="ArgumentException">There is no such policy.</exception>
    public ChoicePolicy[] Policies(ParseResult parsed) =>
        [.. parsed.GetRequiredValue(policies).Split(',').Select(PolicyNames.Parse)];

    /// <summary>The cluster with a number of silos; rate and requests grow with them.</summary>
    public SimulationOptions Cluster(ParseResult parsed, int silos) => Defaults with
    {
        Silos = silos,
        Users = parsed.GetValue(users),
        UserExponent = parsed.GetValue(userExponent),
        Experts = parsed.GetValue(experts),
        ExpertExponent = parsed.GetValue(exponent),
        ExpertsPerMix = parsed.GetValue(mix),
        Slots = parsed.GetValue(slots),
        CachedExperts = parsed.GetValue(cached),
        Rows = parsed.GetValue(rows),
        QueueLimit = parsed.GetValue(queue),
        Homes = parsed.GetValue(perReplica) > 0,
        Placement = new PlacementOptions
        {
            RequestsPerReplica = parsed.GetValue(perReplica) is var most and > 0
                ? most
                : Defaults.Placement.RequestsPerReplica,
            MissCost = parsed.GetValue(missCost),
            ReportPeriod = TimeSpan.FromSeconds(parsed.GetValue(reportPeriod)),
            Attempts = parsed.GetValue(attempts),
        },
        Rate = parsed.GetValue(rate) * silos,
        Clients = parsed.GetValue(clients),
        ThinkSeconds = parsed.GetValue(think),
        Requests = parsed.GetValue(requests) * silos,
        PromptTokens = parsed.GetValue(prompt),
        AnswerTokens = parsed.GetValue(answer),
        AnswerLengths = parsed.GetValue(fixedAnswers) ? AnswerLengths.Fixed : AnswerLengths.Exponential,
        ExpertBytes = parsed.GetValue(megabytes) * 1e6,
        NetworkBytesPerSecond = parsed.GetValue(gigabits) * 1e9 / 8,
        Seed = parsed.GetValue(seed),
        Service = Service(parsed),
    };

    private ServiceModel Service(ParseResult parsed)
    {
        var of = ServiceModel.Named(parsed.GetRequiredValue(device));
        return of with
        {
            StepSeconds = Seconds(step, of.StepSeconds),
            RowSeconds = Seconds(row, of.RowSeconds),
            ExpertSeconds = Seconds(expert, of.ExpertSeconds),
            RowExpertSeconds = Seconds(rowExpert, of.RowExpertSeconds),
            PromptTokenSeconds = Seconds(promptToken, of.PromptTokenSeconds),
            LoadSeconds = Seconds(load, of.LoadSeconds),
            RestackSeconds = Seconds(restack, of.RestackSeconds),
        };

        double Seconds(Option<double?> option, double otherwise) =>
            parsed.GetValue(option) is { } given ? given / 1000 : otherwise;
    }

    private static Option<string> Text(string name, string description, string fallback) => Value(name, description, fallback);

    private static Option<T> Value<T>(string name, string description, T fallback) =>
        new(name) { Description = description, DefaultValueFactory = _ => fallback };

    private static Option<double?> Milliseconds(string name, string what) =>
        new(name) { Description = $"Milliseconds for {what}, in place of the device's." };
}
