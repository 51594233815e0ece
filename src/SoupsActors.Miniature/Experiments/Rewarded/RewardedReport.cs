using System.Globalization;
using SoupsActors.Learning.Fronts;

namespace SoupsActors.Miniature.Experiments.Rewarded;

/// <summary>Says what <see cref="RewardedExperiment"/> found.</summary>
internal static class RewardedReport
{
    /// <summary>Share of interior points at which linear mode connectivity must hold: 8 of 9.</summary>
    private const double PointsToHold = 8.0 / 9;

    private const double VolumeToReach = 0.9;

    private const double UsersToServe = 0.9;

    private static readonly string[] MarginColumns =
        ["merge", "initialisation", "points holding", "least margin", "mean margin", "largest standard error"];

    public static ExperimentReport Write(
        RewardedFindings found, IReadOnlyList<SelectionResult> selection, int seed)
    {
        var report = new ExperimentReport();
        var comparison = FrontComparison.Of(found.Product, [.. found.Rivals.Select(r => r.Scores.ByModels())], seed);
        Published(report);
        Connectivity(report, found);
        Front(report, found, comparison);
        Selection(report, found, selection);
        Simplex(report, found);
        report.Heading("Trainings");
        report.Text(
            "Two experts serve every λ; each mixture μ of the comparison is a training of its own, "
            + $"{found.Rivals.Count} here, with the steps, answers and settings of one of the package's experts. Those "
            + "come ready; the costs below say what the rest took. Mixtures vary less than single rewards and are "
            + "scaled to deviation 1 like these, so they weigh more against the KL penalty.");
        report.Plot("trainings", "Mean reward of each step's answers", RewardedPlots.Trainings(found));
        return report;
    }

    private static void Published(ExperimentReport report)
    {
        var connectivity = LinearModeConnectivity.Of(PublishedSweep.NewsSummary());
        var margins = Enumerable.Range(0, 2)
            .Select(j => connectivity.Margins.Where(m => m.Reward == j).Select(m => m.Margin).ToArray())
            .ToArray();
        var found = string.Join(
            ", ", margins.Select((m, j) => $"R{j + 1} {F3(m.Min())} to {F3(m.Max())} above the chord"));
        report.Check(
            "The checker finds no negative margin in the eleven published rows of Rewarded Soups (news summary).",
            connectivity.PointsHolding == connectivity.Points,
            $"{connectivity.PointsHolding} of {connectivity.Points} points hold: {found}");
        report.Result("published", new { connectivity.PointsHolding, connectivity.Points, connectivity.MinMargin });
    }

    private static void Connectivity(ExperimentReport report, RewardedFindings found)
    {
        var sweeps = new (string Merge, string Init, LambdaSweep Sweep)[]
        {
            ("product", "one", found.Product),
            ("factor", "one", found.Factor),
            ("factor", "different", found.ControlFactor),
            ("product", "different", found.ControlProduct),
            ("product, by the judges", "one", found.ProductJudged),
        };
        var measured = sweeps.Select(s => (s.Merge, s.Init, Report: LinearModeConnectivity.Of(s.Sweep))).ToArray();
        var main = measured[0].Report;
        var control = measured[2].Report;
        var best = Enumerable.Range(0, 2).All(j =>
            found.Product.Endpoints[j].Scores.Means[j] > found.Product.Endpoints[1 - j].Scores.Means[j]);

        report.Check(
            "At the ends of the sweep both merges are the experts, token by token, each best by its own reward.",
            found.EndpointsEqualExperts && best,
            $"answers {(found.EndpointsEqualExperts ? "equal" : "differ")}; {Ends(found)}");
        report.Check(
            "Linear mode connectivity holds on at least 8 of 9 interior points within two standard errors (product "
            + "merge).",
            main.PointsHolding >= PointsToHold * main.Points,
            $"{main.PointsHolding} of {main.Points}, least margin {F3(main.MinMargin)}");
        report.Check(
            "The negative control fails: averaging the factors of experts with different initial A breaks it.",
            control.PointsHolding < PointsToHold * control.Points && control.Margins.Any(m => !m.Holds),
            $"{control.PointsHolding} of {control.Points} hold, least margin {F3(control.MinMargin)}");
        report.Headline("points_holding", main.PointsHolding);
        report.Headline("points", main.Points);
        report.Headline("min_margin", main.MinMargin);
        report.Headline("mean_margin", main.MeanMargin);
        report.Headline("control_points_holding", control.PointsHolding);
        report.Headline("control_min_margin", control.MinMargin);

        report.Heading("Linear mode connectivity");
        report.Text(
            "The margin of a merged model is what it earns above the chord between the experts, "
            + "R_j(θ_λ) − Σ λ_i R_j(θ_i), in the reward models' standard deviations. A point holds where no "
            + "reward's margin is more than two standard errors below zero. *Factor* averages A and B apart, as the "
            + "papers' code does; *product* adds the products B·A, as this runtime does unless told otherwise: it is "
            + "what the claims are about, and what the front and the simplex below are made of. The "
            + "runtime refuses the factor merge of experts with different initial A; the control does it by hand, with "
            + "one expert trained anew from another seed. The last row takes the share of answers that meet the "
            + "judges' criteria instead of the reward models' scores.");
        report.Table(MarginColumns, measured.Select(m => (string[])
        [
            m.Merge, m.Init, $"{m.Report.PointsHolding} of {m.Report.Points}",
            F3(m.Report.MinMargin), F3(m.Report.MeanMargin), F3(m.Report.MaxStandardError),
        ]));
        report.Plot("sweep", "Both rewards along λ, chords dashed", RewardedPlots.Sweep(found));
        report.Plot("margins", "Margins of the shared initialisation and of the control", RewardedPlots.Margins(found));
        report.Result("connectivity", measured.Select(m => new
        {
            m.Merge,
            Initialisation = m.Init,
            m.Report.PointsHolding,
            m.Report.Points,
            m.Report.MinMargin,
            m.Report.MeanMargin,
            m.Report.FractionHolding,
            m.Report.MaxStandardError,
            m.Report.Margins,
        }).ToArray());
    }

    private static void Front(ExperimentReport report, RewardedFindings found, FrontComparison comparison)
    {
        var interval = $"{F3(comparison.ShareInterval.Low)} to {F3(comparison.ShareInterval.High)}";
        report.Check(
            "The soups reach at least 0.9 of the hypervolume of soups and models trained for mixtures together.",
            comparison.Share >= VolumeToReach,
            $"{F3(comparison.Share)} ({interval} over resampled questions)");
        report.Headline("volume_share", comparison.Share);
        report.Heading("Pareto front");
        report.Text(
            "Hypervolumes are above one reference point, a tenth of the experts' range below the worse expert, in "
            + $"units of that range: soups {F3(comparison.SoupVolume)}, trained for mixtures "
            + $"{F3(comparison.RivalVolume)}, together {F3(comparison.UnionVolume)}. The soups' points are many and "
            + "the rivals few, which favours the soups' volume a little; how far single rivals lie above the front is "
            + "told beside it.");
        report.Plot(
            "front", "Soups are labelled with λ, rivals with μ, the first reward's share", RewardedPlots.Front(found));
        report.Table(
            [
                "model", "first share", .. found.Preferences.Take(2).Select(p => p.Title), "in the range", "ahead",
                "criteria met %",
            ],
            [
                Row(found, "base", null, found.Base.ByModels(), "", found.Base.ByJudges()),
                .. found.Product.Points.Zip(found.ProductJudged.Points, (p, judged) =>
                    Row(found, "soup", p.Weights, p.Scores, "", judged.Scores)),
                .. found.Rivals.Zip(comparison.Rivals, (p, position) => Row(
                    found,
                    "trained for μ",
                    p.Weights,
                    p.Scores.ByModels(),
                    $"{F3(position.Excess)} ± {F3(2 * position.StandardError)}",
                    p.Scores.ByJudges())),
            ]);
        report.Result("front", new
        {
            Base = found.Base.Means,
            Soups = found.Product.Points.Zip(found.ProductJudged.Points, (p, judged) =>
                new { p.Weights, Means = p.Scores.Means.Concat(judged.Scores.Means) }).ToArray(),
            TrainedForMixtures = found.Rivals.Select(p => new { p.Weights, p.Scores.Means }).ToArray(),
            comparison.SoupVolume,
            comparison.RivalVolume,
            comparison.UnionVolume,
            Interval = new[] { comparison.ShareInterval.Low, comparison.ShareInterval.High },
            Positions = comparison.Rivals,
        });
    }

    private static string[] Row(
        RewardedFindings found,
        string model,
        IReadOnlyList<double>? weights,
        PromptScores scores,
        string above,
        PromptScores judged)
    {
        var scaled = RewardScale.Of(found.Product).Scale(scores.Means);
        return
        [
            model, weights is null ? "" : F2(weights[0]), .. scores.Means.Select(F3),
            string.Join(", ", scaled.Select(F2)), above,
            string.Join(", ", judged.Means.Select(share => F1(100 * share))),
        ];
    }

    private static void Selection(
        ExperimentReport report, RewardedFindings found, IReadOnlyList<SelectionResult> selection)
    {
        var fitted = selection[0];
        report.Check(
            $"λ chosen from {found.Numbers.ScoredSamples} scored answers is within noise of the best point for at "
            + "least 90 % of hidden users.",
            fitted.WithinNoise >= UsersToServe,
            $"{100 * fitted.WithinNoise:F0} % of {found.Numbers.HiddenUsers} users, mean regret "
            + $"{F3(fitted.MeanRegret)} ({100 * fitted.RelativeRegret:F1} % of the gap between best and worst point)");
        report.Headline("selection_within_noise", fitted.WithinNoise);
        report.Headline("selection_relative_regret", fitted.RelativeRegret);
        report.Heading("Choosing λ for a hidden user");
        report.Text(
            $"{found.Numbers.HiddenUsers} users with a mixture μ drawn evenly from the simplex score single answers by "
            + $"it, {found.Numbers.ScoredSamples} each at most and with an error of {found.Numbers.UserNoise:0.##} "
            + "standard deviations. Regret is what the best grid point earns more than the chosen one, on the held-out "
            + "questions. The fitted mixture knows the rewards of every answer, as a runtime does that has a reward "
            + "model for each, and asks for those that tell most; it knows what each λ earns on questions about "
            + "training topics, and of the user the scores alone. It takes the user for a mixture of the rewards, in their unit. The quadratic and the "
            + "halving know the scores and assume no such thing. The last three rows score nothing: the first is what "
            + "the fitted mixture would do with the true μ, the second takes μ for λ, the third gives everybody the "
            + "same.");
        report.Table(
            ["choice", "answers scored", "mean regret", "of the gap %", "within noise %"],
            selection.Select(s => (string[])
            [
                s.Name, s.MeanSamples.ToString("F0", CultureInfo.InvariantCulture), F3(s.MeanRegret),
                F1(100 * s.RelativeRegret), F1(100 * s.WithinNoise),
            ]));
        report.Result("selection", selection);
    }

    private static void Simplex(ExperimentReport report, RewardedFindings found)
    {
        var connectivity = LinearModeConnectivity.Of(found.Simplex);
        var scale = RewardScale.Of(found.Simplex);
        var front = ParetoFront.Indices([.. found.Simplex.Points.Select(p => p.Scores.Means)]);
        var volume = Hypervolume.Of(found.Simplex.Points.Select(p => scale.Scale(p.Scores.Means)), scale.Reference);
        report.Heading("Three rewards");
        report.Text(
            $"{found.Simplex.Points.Count} λ on the simplex of three experts: linear mode connectivity holds for "
            + $"{100 * connectivity.FractionHolding:F0} % of the margins and at {connectivity.PointsHolding} of "
            + $"{connectivity.Points} points by all three rewards; {front.Count} points are on the front, and their "
            + $"hypervolume is {F3(volume)} (the experts' own range is 1).");
        report.Plot("simplex", "Rewards over the simplex, dark is low", RewardedPlots.Simplex(found));
        report.Table(
            ["λ", .. found.Preferences.Select(p => p.Title), "on the front"],
            found.Simplex.Points.Select((p, i) => (string[])
            [
                string.Join(", ", p.Weights.Select(F2)), .. p.Scores.Means.Select(F3), front.Contains(i) ? "yes" : "",
            ]));
        report.Headline("simplex_fraction_holding", connectivity.FractionHolding);
        report.Result("simplex", new
        {
            Points = found.Simplex.Points.Select(p => new { p.Weights, p.Scores.Means }).ToArray(),
            Volume = volume,
            connectivity.PointsHolding,
            InteriorPoints = connectivity.Points,
            connectivity.MinMargin,
        });
    }

    private static string Ends(RewardedFindings found) => string.Join("; ", found.Product.Endpoints.Select((e, i) =>
        $"expert {i + 1} earns {string.Join(" and ", e.Scores.Means.Select(F2))}"));

    private static string F1(double value) => value.ToString("F1", CultureInfo.InvariantCulture);

    private static string F2(double value) => value.ToString("F2", CultureInfo.InvariantCulture);

    private static string F3(double value) => value.ToString("F3", CultureInfo.InvariantCulture);
}
