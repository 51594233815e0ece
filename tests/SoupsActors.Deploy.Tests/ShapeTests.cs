using static SoupsActors.Deploy.Tests.DeployFolder;

namespace SoupsActors.Deploy.Tests;

/// <summary>Whether files are what their readers expect.</summary>
public sealed class ShapeTests
{
    private static readonly Shape Kubernetes = Shape.Read("kubernetes.yaml");

    [Fact]
    public void Every_manifest_is_as_Kubernetes_wants_it() =>
        Assert.Empty(Manifests.SelectMany(m => Kubernetes.Problems(At<string>(m.Manifest, "kind"), m.Manifest)
            .Select(problem => $"{m.File}: {problem}")));

    [Theory]
    [InlineData("kubernetes/base")]
    [InlineData("kubernetes/overlays/gpu")]
    public void Every_kustomization_names_files_that_are_there(string folder)
    {
        var kustomization = Yaml($"{folder}/kustomization.yaml");
        Assert.Empty(Kubernetes.Problems("Kustomization", kustomization));
        var named = At<IList<object>>(kustomization, "resources").Cast<string>()
            .Concat(((IList<object>?)Find(kustomization, "patches") ?? []).Select(p => At<string>(p, "path")));
        Assert.All(named, path => Assert.True(Path.Exists(Path.Combine(Root, folder, path)), path));
    }

    [Fact]
    public void The_compose_file_is_as_Compose_wants_it() =>
        Assert.Empty(Shape.Read("compose.yaml").Problems("compose", Yaml("compose.yaml")));

    [Fact]
    public void The_alerts_are_as_Prometheus_wants_them() =>
        Assert.Empty(Shape.Read("alerts.yaml").Problems("alerts", Yaml("prometheus/alerts.yaml")));

    [Theory]
    [InlineData("{apiVersion: v1, kind: Namespace, metadata: {name: a}, spec: {}}", "Namespace/spec is not known")]
    [InlineData("{apiVersion: v1, kind: Namespace, metadata: {}}", "Namespace/metadata/name is missing")]
    [InlineData("{apiVersion: v2, kind: Namespace, metadata: {name: a}}", "Namespace/apiVersion is 'v2', which is not v1")]
    public void A_wrong_manifest_would_be_found(string yaml, string problem) =>
        Assert.Equal(problem, Assert.Single(Kubernetes.Problems("Namespace", Documents(yaml)[0])));
}
