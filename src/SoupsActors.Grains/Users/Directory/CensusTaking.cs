using SoupsActors.Users;

namespace SoupsActors.Grains.Users.Directory;

/// <summary>Counts mixes.</summary>
internal static class CensusTaking
{
    private const int MostNames = 64;
    private const int MostCohorts = 16;

    public static MixCensus Take(long profiles, IReadOnlyList<SoupProfile> sample, DateTimeOffset now)
    {
        var weights = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        var cohorts = new Dictionary<string, (string[] Names, int Users)>(StringComparer.Ordinal);
        var empty = 0;
        foreach (var mix in sample.Select(profile => profile.Mix))
        {
            var named = mix.Where(m => m.Value != 0).OrderBy(m => m.Key, StringComparer.Ordinal).ToArray();
            empty += named.Length == 0 ? 1 : 0;
            foreach (var (name, weight) in named)
            {
                if (!weights.TryGetValue(name, out var list))
                    weights.Add(name, list = []);
                list.Add(weight);
            }

            string[] names = [.. named.Select(entry => entry.Value > 0 ? entry.Key : "−" + entry.Key)];
            var key = string.Join('+', names);
            cohorts[key] = (names, cohorts.GetValueOrDefault(key).Users + 1);
        }

        return new MixCensus(
            profiles,
            sample.Count,
            empty,
            [
                .. weights.OrderByDescending(w => w.Value.Count).ThenBy(w => w.Key, StringComparer.Ordinal)
                    .Take(MostNames)
                    .Select(w => new MixShare(w.Key, w.Value.Count, w.Value.Average(), Bins(w.Value))),
            ],
            [
                .. cohorts.OrderByDescending(c => c.Value.Users).ThenBy(c => c.Key, StringComparer.Ordinal)
                    .Take(MostCohorts)
                    .Select(c => new MixCohort(c.Value.Names, c.Value.Users)),
            ],
            now);
    }

    private static int[] Bins(List<double> weights)
    {
        const double width = (MixShare.Highest - MixShare.Lowest) / MixShare.BinCount;
        var bins = new int[MixShare.BinCount];
        foreach (var weight in weights)
            bins[(int)Math.Clamp((weight - MixShare.Lowest) / width, 0, MixShare.BinCount - 1)]++;
        return bins;
    }
}
