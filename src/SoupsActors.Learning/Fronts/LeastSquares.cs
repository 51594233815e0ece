namespace SoupsActors.Learning.Fronts;

/// <summary>Linear least squares for a handful of coefficients.</summary>
internal static class LeastSquares
{
    // Far below any sampling noise; it keeps a system solvable whose last, partial round adds a nearly free column.
    private const double Ridge = 1e-9;

    /// <summary>The coefficients x that minimise |rows · x − values|², by the normal equations.</summary>
    public static double[] Solve(IReadOnlyList<double[]> rows, IReadOnlyList<double> values)
    {
        var size = rows[0].Length;
        var system = new double[size, size + 1];
        for (var row = 0; row < rows.Count; row++)
        {
            for (var i = 0; i < size; i++)
            {
                for (var j = 0; j < size; j++)
                    system[i, j] += rows[row][i] * rows[row][j];
                system[i, size] += rows[row][i] * values[row];
            }
        }

        for (var i = 0; i < size; i++)
            system[i, i] += Ridge * rows.Count;
        return Eliminate(system, size);
    }

    /// <summary>Gauss–Jordan elimination with row pivoting.</summary>
    private static double[] Eliminate(double[,] system, int size)
    {
        for (var column = 0; column < size; column++)
        {
            var pivot = column;
            for (var row = column + 1; row < size; row++)
            {
                if (Math.Abs(system[row, column]) > Math.Abs(system[pivot, column]))
                    pivot = row;
            }

            for (var k = column; k <= size; k++)
                (system[column, k], system[pivot, k]) = (system[pivot, k], system[column, k]);
            for (var row = 0; row < size; row++)
            {
                if (row == column)
                    continue;
                var factor = system[row, column] / system[column, column];
                for (var k = column; k <= size; k++)
                    system[row, k] -= factor * system[column, k];
            }
        }

        return [.. Enumerable.Range(0, size).Select(i => system[i, size] / system[i, i])];
    }
}
