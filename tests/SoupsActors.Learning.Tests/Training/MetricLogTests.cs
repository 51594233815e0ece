using System.Text;
using SoupsActors.Learning.Training;

namespace SoupsActors.Learning.Tests.Training;

public sealed class MetricLogTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("soups-metrics-").FullName;

    private string File => Path.Combine(folder, "metrics.jsonl");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_is_written_can_be_read_while_the_log_is_open()
    {
        using var log = MetricLog.Open(File);
        log.Report(Metrics(1, 0.5));
        log.Report(Metrics(2, -0.25));

        var read = MetricLog.Read(File);

        Assert.Equal([1, 2], read.Select(m => m.Step));
        Assert.Equal([0.5, -0.25], read.Select(m => m[MetricNames.Loss]));
        Assert.True(double.IsNaN(read[0]["never measured"]));
    }

    [Fact]
    public void A_resumed_training_drops_the_lines_it_will_measure_again()
    {
        using (var log = MetricLog.Open(File))
        {
            for (var step = 1; step <= 5; step++)
                log.Report(Metrics(step, step));
        }

        using (var resumed = MetricLog.Open(File, afterStep: 3))
            resumed.Report(Metrics(4, 40));

        Assert.Equal([1, 2, 3, 40], MetricLog.Read(File).Select(m => m[MetricNames.Loss]));
    }

    [Fact]
    public void A_line_torn_by_a_crash_is_left_out_and_removed()
    {
        using (var log = MetricLog.Open(File))
            log.Report(Metrics(1, 1));
        System.IO.File.AppendAllText(File, "{\"step\":2,\"lo");

        Assert.Equal([1], MetricLog.Read(File).Select(m => m.Step));
        using (var resumed = MetricLog.Open(File, afterStep: 7))
            resumed.Report(Metrics(2, 2));
        Assert.Equal([1, 2], MetricLog.Read(File).Select(m => m.Step));
    }

    [Fact]
    public void Numbers_that_json_does_not_know_are_left_out()
    {
        using (var log = MetricLog.Open(File))
            log.Report(Metrics(1, double.NaN));

        Assert.Equal("{\"step\":1}\n", System.IO.File.ReadAllText(File, Encoding.UTF8));
    }

    private static TrainingMetrics Metrics(int step, double loss) =>
        new(step, new Dictionary<string, double> { [MetricNames.Loss] = loss });
}
