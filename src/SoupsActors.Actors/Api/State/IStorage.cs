namespace Orleans.Core
{
    /// <summary>A stored state, apart from its type.</summary>
    public interface IStorage
    {
        /// <summary>The version that was last read or written; null when nothing is stored.</summary>
        string? Etag { get; }

        /// <summary>Whether something is stored.</summary>
        bool RecordExists { get; }

        /// <summary>Removes what is stored and starts from a new state.</summary>
        /// <exception cref="Storage.InconsistentStateException">Somebody else wrote since the last read.</exception>
        Task ClearStateAsync();

        /// <summary>Stores the state; when the task completes it is as durable as the storage makes it.</summary>
        /// <exception cref="Storage.InconsistentStateException">Somebody else wrote since the last read.</exception>
        Task WriteStateAsync();

        /// <summary>Replaces the state in memory by what is stored.</summary>
        Task ReadStateAsync();

        /// <inheritdoc cref="ClearStateAsync()"/>
        Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();

        /// <inheritdoc cref="WriteStateAsync()"/>
        Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

        /// <inheritdoc cref="ReadStateAsync()"/>
        Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
    }

    /// <summary>A stored state.</summary>
    public interface IStorage<TState> : IStorage
    {
        /// <summary>The state in memory.</summary>
        TState State { get; set; }
    }
}

namespace Orleans
{
    /// <summary>A state on its way to or from storage.</summary>
    public interface IGrainState<T>
    {
        /// <summary>The state.</summary>
        T? State { get; set; }

        /// <summary>The version last read or written.</summary>
        string? ETag { get; set; }

        /// <summary>Whether something is stored.</summary>
        bool RecordExists { get; set; }
    }

    /// <summary>A state on its way to or from storage.</summary>
    [GenerateSerializer]
    public sealed class GrainState<T> : IGrainState<T>
    {
        /// <summary>An empty record.</summary>
        public GrainState()
        {
        }

        /// <summary>A record of a state that is not stored yet.</summary>
        public GrainState(T? state)
            : this(state, null)
        {
        }

        /// <summary>A record of a state with a version.</summary>
        public GrainState(T? state, string? eTag)
        {
            State = state;
            ETag = eTag;
        }

        /// <inheritdoc/>
        [Id(0)]
        public T? State { get; set; }

        /// <inheritdoc/>
        [Id(1)]
        public string? ETag { get; set; }

        /// <inheritdoc/>
        [Id(2)]
        public bool RecordExists { get; set; }
    }
}
