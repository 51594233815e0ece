using SoupsActors.Experts;
using SoupsActors.Grains.Experts;

namespace SoupsActors.Grains.Device;

/// <summary>Publishes the experts that come with a model.</summary>
public sealed class PackagedExperts(IGrainFactory grains, ExpertStore store)
{
    /// <summary>
    /// Publishes those that are new. Weights that an expert knows as one of its versions are left alone, so that a
    /// restart
    /// does not undo what was published, pinned or rolled back since.
    /// </summary>
    /// <returns>The ids of the experts of the package.</returns>
    /// <exception cref="SoupsException">A folder is damaged or of another base.</exception>
    public async Task<string[]> PublishAsync(ModelPackage package, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(package.ExpertsFolder))
            return [];
        string[] ids =
        [
            .. Directory.EnumerateDirectories(package.ExpertsFolder)
                .Select(path => Path.GetFileName(path))
                .Where(Identifiers.IsExpert)
                .Order(StringComparer.Ordinal),
        ];
        foreach (var id in ids)
        {
            var admitted = await store.AdmitAsync(Path.Combine(package.ExpertsFolder, id), cancellationToken);
            var expert = grains.GetGrain<IExpertGrain>(id);
            var known = await expert.Describe();
            if (known is null || !Array.Exists(known.Versions, v => v.Hash == admitted.Hash))
                await expert.Publish(admitted, $"package:{admitted.Hash}");
        }

        return ids;
    }
}
