namespace SoupsActors.Grains;

/// <summary>Names of the storage providers that grains ask for.</summary>
public static class GrainStorageNames
{
    /// <summary>Profiles, conversations, experts and the catalogue.</summary>
    public const string Soups = "soups";
}
