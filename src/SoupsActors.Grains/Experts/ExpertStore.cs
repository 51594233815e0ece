using SoupsActors.Experts;
using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;

namespace SoupsActors.Grains.Experts;

/// <summary>Loads an adapter folder and checks it in full, also against the base model where that is loaded.</summary>
/// <param name="folder">A folder in PEFT's format.</param>
/// <exception cref="ModelFormatException">A file is damaged or not supported.</exception>
/// <exception cref="ExpertMismatchException">The adapter belongs to another base.</exception>
public delegate Expert ExpertReader(string folder);

/// <summary>
/// Expert weights as files, each folder named by its content's hash. A folder appears there whole and checked, or not at
/// all, and never changes afterwards; its time of change says when somebody last asked for it.
/// </summary>
public sealed partial class ExpertStore
{
    /// <summary>Largest file that is admitted.</summary>
    public const long MaxFileBytes = 4L << 30;

    private const string Folder = "experts";
    private const string Incoming = ".incoming-";
    private static readonly string[] Required = ["adapter_config.json", "adapter_model.safetensors"];
    private const string Card = "soups.json"; // where it comes from; adapters of other makers have none

    private readonly string root;
    private readonly ExpertReader read;
    private readonly TimeProvider clock;

    /// <summary>Opens the store and drops what an interrupted admission left behind.</summary>
    /// <param name="dataPath">The data directory.</param>
    /// <param name="read">Checks a folder.</param>
    /// <param name="shared">A directory that other processes use too, in place of one in the data directory.</param>
    /// <param name="clock">Clock; by default the system's.</param>
    public ExpertStore(string dataPath, ExpertReader read, string? shared = null, TimeProvider? clock = null)
    {
        this.read = read;
        this.clock = clock ?? TimeProvider.System;
        root = shared ?? Path.Combine(dataPath, Folder);
        Directory.CreateDirectory(root);

        // In a shared directory others may be at work; what they leave is collected once it is old.
        if (shared is null)
            RemoveLeftovers(DateTimeOffset.MaxValue);
    }

    /// <summary>Copies a folder in, checks the copy, and gives it its place.</summary>
    /// <exception cref="SoupsException">The folder is damaged, not supported, too large, or of another
    /// base.</exception>
    public Task<AdmittedExpert> AdmitAsync(string source, CancellationToken cancellationToken = default) =>
        Task.Run(() => AdmitNowAsync(source, cancellationToken), cancellationToken);

    /// <summary>Loads the weights that a lease names.</summary>
    /// <exception cref="SoupsException">The weights are gone, damaged, or do not fit the model.</exception>
    public Expert Load(ExpertLease lease)
    {
        ArgumentNullException.ThrowIfNull(lease);
        var expert = Check(PlaceOf(lease.Hash), lease.ExpertId);
        return expert.Hash == lease.Hash
            ? expert
            : throw SoupsException.Invalid(
                $"The weights of expert '{lease.ExpertId}' have changed on disk. Register the expert again.",
                "damaged_expert",
                "model");
    }

    private async Task<AdmittedExpert> AdmitNowAsync(string source, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(source);
        var incoming = Path.Combine(root, Incoming + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(incoming);
        try
        {
            foreach (var file in File.Exists(Path.Combine(source, Card)) ? [.. Required, Card] : Required)
                await CopyAsync(Path.Combine(source, file), Path.Combine(incoming, file), name, cancellationToken);

            // The copy is what is checked, for the original may change while it is read.
            var expert = Check(incoming, name);
            var size = SizeOf(incoming);
            Settle(incoming, expert.Hash);
            return Describe(expert) with { Bytes = size };
        }
        finally
        {
            if (Directory.Exists(incoming))
                Directory.Delete(incoming, recursive: true);
        }
    }

    private static async Task CopyAsync(string from, string to, string name, CancellationToken cancellationToken)
    {
        var info = new FileInfo(from);
        if (info.LinkTarget is not null)
            throw Refuse($"'{name}/{info.Name}' is a link. Copy the file itself.");
        if (!info.Exists)
            throw Refuse($"'{name}' has no {info.Name}. PEFT's format has {string.Join(" and ", Required)}.");
        if (info.Length > MaxFileBytes)
            throw Refuse($"'{name}/{info.Name}' has {info.Length} bytes; at most {MaxFileBytes} are taken.");
        await using var input = info.OpenRead();
        await using var output = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        await input.CopyToAsync(output, cancellationToken);
        output.Flush(flushToDisk: true);
    }

    private static long SizeOf(string folder) => new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length);

    private static void Move(string incoming, string place)
    {
        try
        {
            Directory.Move(incoming, place);
        }
        catch (IOException) when (Directory.Exists(place))
        {
            // Another request admitted the same weights a moment earlier.
        }
    }

    private Expert Check(string folder, string name)
    {
        try
        {
            return read(folder);
        }
        catch (ModelFormatException error)
        {
            throw Refuse($"Expert '{name}' cannot be used: {Tell(error)}");
        }
        catch (ExpertMismatchException error)
        {
            throw SoupsException.Invalid(
                $"Expert '{name}' does not fit this server's base model: {Tell(error)}", "expert_mismatch", "path");
        }
        catch (IOException error)
        {
            throw Refuse($"Expert '{name}' cannot be read: {Tell(error)}");
        }

        // Callers may be far away; where this server keeps its files is none of their business.
        string Tell(Exception error) => error.Message.Replace(folder, name, StringComparison.Ordinal);
    }

    private static AdmittedExpert Describe(Expert expert)
    {
        var origin = expert.Provenance;
        var notes = new Dictionary<string, string>(origin.Details ?? new Dictionary<string, string>());
        Note("method", origin.Method);
        Note("reward", origin.RewardId);
        Note("parent", origin.ParentHash);
        Note("init_seed", origin.InitSeed?.ToString());
        return new AdmittedExpert(
            expert.Hash,
            $"{Folder}/{expert.Hash}",
            string.IsNullOrEmpty(origin.BaseHash) ? null : origin.BaseHash,
            expert.Factors.Count == 0 ? 0 : expert.Factors.Max(f => f.Rank),
            [.. expert.Factors.Select(f => f.Module).Distinct().Order().Select(TargetName)],
            origin.Preference,
            notes);

        void Note(string key, string? value)
        {
            if (value is not null)
                notes[key] = value;
        }
    }

    private static string TargetName(TargetModule module) => module switch
    {
        TargetModule.QProj => "q_proj",
        TargetModule.KProj => "k_proj",
        TargetModule.VProj => "v_proj",
        TargetModule.OProj => "o_proj",
        TargetModule.GateProj => "gate_proj",
        TargetModule.UpProj => "up_proj",
        _ => "down_proj",
    };

    private static SoupsException Refuse(string message) => SoupsException.Invalid(message, "invalid_expert", "path");
}
