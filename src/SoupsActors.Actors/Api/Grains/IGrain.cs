using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>Anything that can be called by reference: grains and observers.</summary>
    public interface IAddressable;
}

namespace Orleans
{
    /// <summary>A grain. Extend one of the interfaces that say what kind of key it has.</summary>
    public interface IGrain : IAddressable;

    /// <summary>A grain keyed by a <see cref="Guid"/>.</summary>
    public interface IGrainWithGuidKey : IGrain;

    /// <summary>A grain keyed by a 64-bit integer.</summary>
    public interface IGrainWithIntegerKey : IGrain;

    /// <summary>A grain keyed by a string.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>A grain keyed by a <see cref="Guid"/> and a string.</summary>
    public interface IGrainWithGuidCompoundKey : IGrain;

    /// <summary>A grain keyed by a 64-bit integer and a string.</summary>
    public interface IGrainWithIntegerCompoundKey : IGrain;

    /// <summary>An object of a client or of a grain that grains call back; see <see cref="IGrainFactory"/>.</summary>
    public interface IGrainObserver : IAddressable;
}
