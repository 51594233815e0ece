namespace Orleans.Runtime;

/// <summary>Which silo this is.</summary>
public interface ILocalSiloDetails
{
    /// <summary>The silo's name.</summary>
    string Name { get; }

    /// <summary>The silo's address.</summary>
    SiloAddress SiloAddress { get; }
}
