using SoupsActors.Generation;

namespace SoupsActors.Grains.Generation;

/// <summary>A device of this silo.</summary>
/// <param name="Key">Key of its generator, unique in the cluster.</param>
/// <param name="Engine">What runs on it.</param>
public sealed record GeneratorDevice(string Key, ITextEngine Engine);

/// <summary>The devices of this silo; none where it has not the role of a generator.</summary>
public sealed class GeneratorDevices(IEnumerable<GeneratorDevice> devices, TimeProvider clock)
{
    private readonly Dictionary<string, GeneratorDevice> devices =
        devices.ToDictionary(device => device.Key, StringComparer.Ordinal);

    /// <summary>The generators' keys.</summary>
    public IReadOnlyCollection<string> Keys => devices.Keys;

    /// <summary>The engine of a generator.</summary>
    /// <exception cref="SoupsException">The device is not of this silo.</exception>
    public ITextEngine Engine(string key) => devices.TryGetValue(key, out var device)
        ? device.Engine
        : throw new SoupsException(
            SoupsError.NotReady, $"This silo has no device '{key}'; ask for another.", "no_such_device");

    /// <summary>What the devices that are ready are doing now.</summary>
    public GeneratorReport[] Report() =>
    [
        .. from device in devices.Values
           let load = device.Engine.Load
           where load is not null
           select new GeneratorReport(
               device.Key, clock.GetUtcNow().UtcTicks, device.Engine.Describe(), load),
    ];
}
