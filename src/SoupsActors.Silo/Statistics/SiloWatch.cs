using System.Reflection;
using Microsoft.Extensions.Options;
using SoupsActors.Cluster;
using SoupsActors.Grains.Device;
using SoupsActors.Grains.Placement;
using SoupsActors.Silo.Hosting;

namespace SoupsActors.Silo.Statistics;

/// <summary>Looks at this process: what it is, does and is run with.</summary>
internal sealed class SiloWatch(
    ComputingDevice device,
    StartupState startup,
    IOptions<SoupsOptions> options,
    GrainCallStatistics calls,
    LogRing log,
    StorageSizes storage,
    PartLicences licences,
    TimeProvider clock)
{
    private const long LittleSpace = 1L << 30;

    private readonly Lock gate = new();
    private TimeSpan lastCpu = Environment.CpuUsage.TotalTime;
    private long lastLook = clock.GetTimestamp();

    public SiloIdentity Identity { get; } = new(
        Guid.NewGuid().ToString("N"),
        Environment.MachineName,
        Environment.ProcessId,
        clock.GetUtcNow(),
        typeof(SiloWatch).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion.Split('+')[0],
        options.Value.SiloName,
        SiloRolesText.Format(options.Value.SiloRoles));

    public SiloState State()
    {
        var computing = device.Engine?.State;
        var statistics = computing?.Statistics ?? default;
        return new SiloState
        {
            NotReady = startup.Reason,
            CpuCores = CpuCores(),
            Cores = Environment.ProcessorCount,
            MemoryBytes = Environment.WorkingSet,
            MemoryLimitBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            ManagedBytes = GC.GetTotalMemory(forceFullCollection: false),
            Device = computing?.Device,
            DeviceBytes = computing?.Bytes ?? 0,
            Model = computing?.Model,
            ResidentExperts = statistics.ResidentExperts,
            QueueLength = statistics.QueueLength,
            RunningRows = statistics.RunningRows,
            CacheUse = statistics.TotalBlocks > 0 ? 1 - (double)statistics.FreeBlocks / statistics.TotalBlocks : 0,
        };
    }

    public SiloDetails Details() => new(
        Identity.Id,
        SettingsInForce.Read(options.Value),
        Health(),
        calls.Read(),
        log.Read(),
        storage.Read(),
        licences.Read());

    private HealthFinding[] Health()
    {
        var space = new DriveInfo(Path.GetFullPath(options.Value.DataPath)).AvailableFreeSpace;
        var memory = GC.GetGCMemoryInfo();
        return
        [
            new("The process answers", null),
            new("Model and experts are loaded", startup.Reason),
            new("There is space for data", space >= LittleSpace
                ? null
                : $"Only {space >> 20} MiB are free where data are kept. Make room before writes fail."),
            new("There is memory", memory.MemoryLoadBytes < memory.HighMemoryLoadThresholdBytes
                ? null
                : "The machine's memory is nearly used up. Lower Soups:CacheTokens, or give the process more."),
        ];
    }

    private double CpuCores()
    {
        lock (gate)
        {
            var (cpu, look) = (Environment.CpuUsage.TotalTime, clock.GetTimestamp());
            var elapsed = clock.GetElapsedTime(lastLook, look);
            var used = elapsed > TimeSpan.Zero ? (cpu - lastCpu) / elapsed : 0;
            (lastCpu, lastLook) = (cpu, look);
            return used;
        }
    }
}

/// <summary>What computes on this silo, if anything does.</summary>
internal sealed record ComputingDevice(DeviceEngine? Engine);
