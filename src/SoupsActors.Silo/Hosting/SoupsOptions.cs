using SoupsActors.Clustering;
using SoupsActors.Grains.Experts;
using SoupsActors.Grains.Placement;
using SoupsActors.Grains.Storage;
using SoupsActors.Grains.Trainings;
using SoupsActors.Miniature.Recipe;
using SoupsActors.Placement;
using SoupsActors.Serving;

namespace SoupsActors.Silo.Hosting;

/// <summary>
/// Settings of the server, section <c>Soups</c> of appsettings, environment (Soups__…) or command line (--Soups:…).
/// </summary>
public sealed class SoupsOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Soups";

    /// <summary>
    /// What this silo does for the cluster, any of <c>gateway</c>, <c>generator</c> and <c>trainer</c> with commas
    /// between them; by default all three. A single process needs at least gateway and generator.
    /// </summary>
    public string? Roles { get; set; }

    /// <summary>
    /// This silo's name, unique in the cluster and the same after a restart, so that its device keeps its experts; 1 to
    /// 64 letters, digits, dots, dashes, underscores. By default <c>default</c> in a single process; in a cluster the
    /// machine's name and the process id.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>How requests find generators and experts spread over them.</summary>
    public PlacementOptions Placement { get; set; } = new();

    /// <summary>
    /// Where experts and, by default, profiles are kept; by default <c>soups-data</c> below the user's local application data.
    /// </summary>
    public string? DataDirectory { get; set; }

    /// <summary>What keeps profiles, experts and feedback: by default a file in the data directory.</summary>
    public StorageOptions Storage { get; set; } = new();

    /// <summary>
    /// A Hugging Face folder: config.json, model.safetensors, tokenizer.json; in it, if there are any, experts in
    /// <c>experts/&lt;id&gt;</c>. Or a folder with <c>base</c> and <c>experts</c>, as the miniature's, which is the
    /// default.
    /// </summary>
    public string? Model { get; set; }

    /// <summary>
    /// How conversations are laid out, where the model's folder does not say or says it wrongly: chatml, llama2,
    /// llama3,
    /// llama3.1, zephyr, tulu or plain. By default the folder's own template.
    /// </summary>
    public string? ChatTemplate { get; set; }

    /// <summary>What computes; only <c>cpu</c> at present.</summary>
    public string Device { get; set; } = "cpu";

    /// <summary>Threads that compute, 1 to 1024; by default one for each core.</summary>
    public int? Threads { get; set; }

    /// <summary>Tokens that the key/value cache holds over all requests, at least 256; by default 8192.</summary>
    public int CacheTokens { get; set; } = 8192;

    /// <summary>Limits of the engine.</summary>
    public EngineOptions Engine { get; set; } = new();

    /// <summary>Most tokens of an answer where nobody says; at least 1.</summary>
    public int DefaultMaxTokens { get; set; } = 256;

    /// <summary>
    /// Asked for as a bearer token on every route but the health checks, and when signing in to the dashboard; none
    /// leaves all open.
    /// </summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// Asked for by silos of each other, where one is set; all silos have the same. Without one, the API key is asked for.
    /// </summary>
    public string? ClusterKey { get; set; }

    /// <summary>Where the weights of experts lie, and where those of other silos are fetched.</summary>
    public ExpertFileOptions ExpertFiles { get; set; } = new();

    /// <summary>The directory below which experts may be registered from; none turns registering off.</summary>
    public string? ImportDirectory { get; set; }

    /// <summary>Messages kept of a stored conversation where the profile does not say, 0 to 1000.</summary>
    public int HistoryLimit { get; set; } = 20;

    /// <summary>
    /// How long answers are kept for feedback to refer to, 0 to 3650 days, written as <c>30.00:00:00</c>; 0 keeps none.
    /// </summary>
    public TimeSpan InteractionRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Whether prompts and answers are kept with them; without, feedback must bring its texts to become training data.
    /// </summary>
    public bool KeepInteractionText { get; set; } = true;

    /// <summary>Largest request body in bytes, 1 KB to 100 MB.</summary>
    public long MaxRequestBytes { get; set; } = 4 << 20;

    /// <summary>
    /// How long a stop may take, 1 second to 1 hour; 30 seconds by default. Requests that are open have two thirds of it,
    /// the silo the rest to leave the others in good order. Whoever kills the process must wait longer than this.
    /// </summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How silos find each other, where there are several.</summary>
    public ClusterOptions Cluster { get; set; } = new();

    /// <summary>How experts are trained beside serving.</summary>
    public TrainingOptions Training { get; set; } = new();

    /// <summary>Where the dashboard finds reports of experiments.</summary>
    public ExperimentsOptions Experiments { get; set; } = new();

    /// <summary>The roles of <see cref="Roles"/>.</summary>
    /// <exception cref="FormatException">A word is no role.</exception>
    public SiloRoles SiloRoles => SiloRolesText.Parse(Roles);

    /// <summary>The same for a host under construction, which the check of the settings will stop where it must.</summary>
    internal SiloRoles KnownRoles
    {
        get
        {
            try
            {
                return SiloRoles;
            }
            catch (FormatException)
            {
                return SiloRoles.All;
            }
        }
    }

    /// <summary>The name of <see cref="Name"/>, or the default one.</summary>
    public string SiloName => Name ?? DefaultName;

    /// <summary>The model's folder as a full path.</summary>
    public string ModelPath => Path.GetFullPath(Model ?? MiniatureFolder.Packaged.Root);

    /// <summary>The data directory as a full path.</summary>
    public string DataPath => Path.GetFullPath(DataDirectory ?? Path.Combine(
        Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "soups-data"));

    private string DefaultName => Cluster.IsCluster
        ? $"{Environment.MachineName.ToLowerInvariant()}-{Environment.ProcessId}"
        : Generation.GeneratorKeys.Default;

    /// <summary>The directory with reports of experiments as a full path.</summary>
    public string ExperimentsPath => Path.GetFullPath(Experiments.Directory ?? Path.Combine(DataPath, "experiments"));
}

/// <summary>Reports of experiments.</summary>
public sealed class ExperimentsOptions
{
    /// <summary>
    /// A directory with one folder for each run of <c>soups experiment</c>; by default <c>experiments</c> in the data
    /// directory. It is only read, and need not exist.
    /// </summary>
    public string? Directory { get; set; }
}
