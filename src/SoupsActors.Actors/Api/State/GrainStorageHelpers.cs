using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Providers;

namespace Orleans.Providers
{
    /// <summary>Names of the storages used where none is named.</summary>
    public static class ProviderConstants
    {
        /// <summary>The storage of states that name none.</summary>
        public const string DEFAULT_STORAGE_PROVIDER_NAME = "Default";
    }

    /// <summary>Names the storage of a <see cref="Grain{TGrainState}"/>.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class StorageProviderAttribute : Attribute
    {
        /// <summary>The storage's name.</summary>
        public string ProviderName { get; set; } = ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;
    }
}

namespace Orleans.Storage
{
    /// <summary>Finds storages.</summary>
    public static class GrainStorageHelpers
    {
        /// <summary>The storage that a grain class names, or the default one.</summary>
        /// <exception cref="BadProviderConfigException">It is not registered.</exception>
        public static IGrainStorage GetGrainStorage(Type grainType, IServiceProvider services) => Find(
            services, grainType.GetCustomAttribute<StorageProviderAttribute>(
                inherit: true)?.ProviderName, grainType.FullName);

        internal static IGrainStorage Find(IServiceProvider services, string? name, string? grain)
        {
            var storage = name is null
                ? services.GetService<IGrainStorage>()
                : services.GetKeyedService<IGrainStorage>(name);
            return storage ?? throw new BadProviderConfigException(name is null
                ? $"No default storage provider found loading grain type {grain}. "
                    + "Register one, for example siloBuilder.AddMemoryGrainStorageAsDefault()."
                : $"No storage provider named \"{name}\" found loading grain type {grain}. "
                    + $"Register one, for example siloBuilder.AddMemoryGrainStorage(\"{name}\").");
        }
    }
}
