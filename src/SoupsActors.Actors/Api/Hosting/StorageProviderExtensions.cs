using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using SoupsActors.Actors;

namespace Orleans.Runtime.Hosting
{
    /// <summary>Registers storages.</summary>
    public static class StorageProviderExtensions
    {
        /// <summary>Registers a storage under a name; the name "Default" serves states that name none.</summary>
        public static IServiceCollection AddGrainStorage<T>(
            this IServiceCollection collection, string name, Func<IServiceProvider, string, T> implementationFactory)
            where T : IGrainStorage
        {
            collection.AddKeyedSingleton<IGrainStorage>(
                name, (services, key) => implementationFactory(services, (string)key!));
            if (name == ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)
                collection.TryAddSingleton(services => services.GetRequiredKeyedService<IGrainStorage>(name));
            return collection;
        }
    }
}

namespace Orleans.Hosting
{
    /// <summary>Storage in memory, for tests and caches.</summary>
    public static class MemoryGrainStorageSiloBuilderExtensions
    {
        /// <summary>Keeps states that name no storage in memory.</summary>
        public static ISiloBuilder AddMemoryGrainStorageAsDefault(this ISiloBuilder builder) =>
            builder.AddMemoryGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME);

        /// <summary>Adds a storage that keeps states in memory.</summary>
        public static ISiloBuilder AddMemoryGrainStorage(this ISiloBuilder builder, string name)
        {
            builder.Services.AddGrainStorage(name, (_, _) => new MemoryGrainStorage());
            return builder;
        }
    }
}
