using SoupsActors.Learning.Fronts;
using SoupsActors.Learning.Training;
using SoupsActors.Reports;

namespace SoupsActors.Miniature.Experiments.Rewarded;

/// <summary>The pictures of <see cref="RewardedExperiment"/>.</summary>
internal static class RewardedPlots
{
    /// <summary>The soups' front beside the models trained for mixtures, and the control's.</summary>
    public static string Front(RewardedFindings found)
    {
        var first = found.Product.Endpoints[0].Scores.Means;
        var second = found.Product.Endpoints[1].Scores.Means;
        PlotPoint[] chord = [new(first[0], first[1]), new(second[0], second[1])];
        var rivals = found.Rivals.Select(r =>
            new PlotPoint(r.Scores.Means[0], r.Scores.Means[1], Label: $"μ {r.Weights[0]:0.##}"));
        return new LinePlot(
            "Rewards of merged models and of models trained for mixtures",
            new PlotAxis(found.Preferences[0].Title),
            new PlotAxis(found.Preferences[1].Title),
            [
                new PlotSeries("soups, by λ", Path(found.Product, label: true)),
                new PlotSeries("soups, factors averaged", Path(found.Factor, label: false)),
                new PlotSeries("trained for μ", [.. rivals]) { Line = false },
                new PlotSeries("other initialisation, factors", Path(found.ControlFactor, label: false)),
                new PlotSeries("chord between the experts", chord) { Dashed = true, Markers = false },
            ]).ToSvg();

        static PlotPoint[] Path(LambdaSweep sweep, bool label) =>
        [
            .. sweep.Points.Select(p => new PlotPoint(
                p.Scores.Means[0], p.Scores.Means[1], Label: label ? $"{p.Weights[0]:0.##}" : null)),
        ];
    }

    /// <summary>Both rewards along λ with their chords, in units of the experts' range.</summary>
    public static string Sweep(RewardedFindings found)
    {
        var scale = RewardScale.Of(found.Product);
        var ends = found.Product.Endpoints.Select(e => scale.Scale(e.Scores.Means)).ToArray();
        var series = new List<PlotSeries>();
        for (var reward = 0; reward < 2; reward++)
        {
            var title = found.Preferences[reward].Title;
            series.Add(new PlotSeries(title, [.. found.Product.Points.Select(p =>
                new PlotPoint(p.Weights[0], scale.Scale(p.Scores.Means)[reward]))]));
            PlotPoint[] chord = [new(0, ends[1][reward]), new(1, ends[0][reward])];
            series.Add(new PlotSeries($"{title}, chord", chord) { Dashed = true, Markers = false });
        }

        return new LinePlot(
            "Rewards along λ: worst expert 0, best expert 1",
            new PlotAxis($"λ, share of the expert for {found.Preferences[0].Title}", 0, 1),
            new PlotAxis("reward in the experts' range"),
            series).ToSvg();
    }

    /// <summary>Margins over the chord with two standard errors, beside the control's.</summary>
    public static string Margins(RewardedFindings found)
    {
        var scale = RewardScale.Of(found.Product);
        var plot = new LinePlot(
            "Margins over the chord, with two standard errors",
            new PlotAxis($"λ, share of the expert for {found.Preferences[0].Title}", 0, 1),
            new PlotAxis("margin in the experts' range"),
            [
                .. Series("soups", found.Product, dashed: false),
                .. Series("control", found.ControlFactor, dashed: true),
            ])
        {
            Guide = 0,
        };
        return plot.ToSvg();

        IEnumerable<PlotSeries> Series(string name, LambdaSweep sweep, bool dashed)
        {
            var margins = LinearModeConnectivity.Of(sweep).Margins;
            for (var reward = 0; reward < 2; reward++)
            {
                var unit = scale.Range[reward];
                var points = margins.Where(m => m.Reward == reward).Select(m =>
                {
                    var noise = LinearModeConnectivity.StandardErrors * m.StandardError;
                    return new PlotPoint(
                        m.Weights[0], m.Margin / unit, (m.Margin - noise) / unit, (m.Margin + noise) / unit);
                });
                var title = $"{found.Preferences[reward].Title}, {name}";
                yield return new PlotSeries(title, [.. points]) { Dashed = dashed };
            }
        }
    }

    /// <summary>Three rewards over the simplex of three experts.</summary>
    public static string Simplex(RewardedFindings found) => new SimplexPlot(
        "Three experts: rewards over the simplex of λ",
        [.. found.Preferences.Select(p => p.Title)],
        [.. found.Simplex.Points.Select(p => p.Weights)],
        [
            .. found.Preferences.Select((r, j) => new SimplexPanel(
                r.Title, [.. found.Simplex.Points.Select(p => p.Scores.Means[j])])),
        ]).ToSvg();

    /// <summary>Mean reward of each step's answers in every training.</summary>
    public static string Trainings(RewardedFindings found) => new LinePlot(
        "Reward during training",
        new PlotAxis("step"),
        new PlotAxis("mean reward of the step's answers"),
        [
            .. found.Curves.Select(c =>
                new PlotSeries(c.Name, [.. c.Steps.Select(s => new PlotPoint(s.Step, s[MetricNames.Scores]))])
                {
                    Markers = false,
                }),
        ]).ToSvg();
}
