using SoupsActors.Experts;
using SoupsActors.Generation;
using SoupsActors.Grains.Users;
using SoupsActors.Preferences;
using SoupsActors.Users;

namespace SoupsActors.Grains.Generation;

/// <summary>
/// A request's experts by id with their weights, how to merge them, and the sentences for the prompt.
/// </summary>
internal sealed record ResolvedMix(
    SortedDictionary<string, double> Weights, SoupMerge Merge, IReadOnlyList<string> PromptTexts)
{
    public static ResolvedMix Base { get; } = new([], SoupMerge.Product, []);
}

/// <summary>Turns the names of a mix, preferences' and experts', into experts' ids.</summary>
internal sealed class MixResolver(IGrainFactory grains)
{
    /// <summary>The mix that a request runs on.</summary>
    /// <exception cref="SoupsException">A name is unknown, or the weights cannot be normalised.</exception>
    public async Task<ResolvedMix> ResolveAsync(TextRequest request, SoupProfile profile)
    {
        var soup = request.Soup;
        switch (request.Model)
        {
            case ModelChoice.Base:
                return ResolvedMix.Base;
            case ModelChoice.Expert:
                var id = Identifiers.RequireExpert(request.Expert, "model");
                return new ResolvedMix(new() { [id] = 1 }, SoupMerge.Product, []);
        }

        if (soup.Mix is not null)
            ProfileRules.CheckMix(soup.Mix, "soup.mix");
        if (soup.Merge is { } merge)
            ProfileRules.CheckMerge(merge, "soup.merge");
        var mix = soup.Mix ?? profile.Mix;
        if (mix.Count == 0)
            return ResolvedMix.Base;
        var preferences = await grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key).List();
        var weights = WeightsByExpert(mix, preferences);
        if (soup.Normalize ?? profile.Normalize)
            Normalize(weights);
        return new ResolvedMix(
            weights,
            soup.Merge ?? profile.Merge,
            soup.PromptTexts ?? profile.PromptTexts ? Sentences(mix, preferences) : []);
    }

    /// <summary>Checks that every name of a profile's mix is known and that its weights can be normalised.</summary>
    public async Task CheckAsync(SoupProfile profile)
    {
        var resolved = await ResolveAsync(new TextRequest(), profile);
        var found = await Task.WhenAll(
            resolved.Weights.Keys.Select(id => grains.GetGrain<IExpertGrain>(id).Describe()));
        var missing = resolved.Weights.Keys.Where((_, i) => found[i] is null).ToArray();
        if (missing.Length > 0)
            throw UnknownExpert(missing[0], "mix");
    }

    /// <summary>The refusal for a name in a mix that is neither a preference nor an expert.</summary>
    public static SoupsException UnknownExpert(string name, string param) => SoupsException.Invalid(
        $"There is no expert for '{name}'. GET /v1/preferences and GET /v1/experts list the names there are.",
        "unknown_expert",
        param);

    private static SortedDictionary<string, double> WeightsByExpert(
        Dictionary<string, double> mix, Preference[] preferences)
    {
        var weights = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, weight) in mix.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            var expert = Array.Find(preferences, p => p.Id == name)?.ExpertId ?? name;
            if (!Identifiers.IsExpert(expert))
                throw UnknownExpert(name, "mix");
            weights[expert] = weights.GetValueOrDefault(expert) + weight;
        }

        foreach (var (expert, weight) in weights.ToArray())
        {
            if (Math.Abs(weight) > SoupsLimits.MaxWeight)
            {
                throw SoupsException.Invalid(
                    $"The weights of expert '{expert}' add up to {weight}; at most {SoupsLimits.MaxWeight} is allowed.",
                    "invalid_weight",
                    "mix");
            }
        }

        return weights;
    }

    private static void Normalize(SortedDictionary<string, double> weights)
    {
        var sum = weights.Values.Sum();
        foreach (var expert in weights.Keys.ToArray())
        {
            weights[expert] /= sum;
            if (!double.IsFinite(weights[expert]) || Math.Abs(weights[expert]) > SoupsLimits.MaxWeight)
            {
                throw SoupsException.Invalid(
                    "The weights add up to nearly 0 and cannot be normalised. Change them, or set normalize to false.",
                    "invalid_weight",
                    "mix");
            }
        }
    }

    private static string[] Sentences(Dictionary<string, double> mix, Preference[] preferences) =>
    [
        .. preferences
            .Where(p => Math.Max(mix.GetValueOrDefault(p.Id), mix.GetValueOrDefault(p.ExpertId)) > 0)
            .Select(p => p.Prompt),
    ];
}
