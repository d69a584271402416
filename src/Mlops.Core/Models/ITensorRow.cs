namespace Mlops.Models;

/// <summary>A type whose values are rows of tensors: the typed face of a model's inputs or outputs.</summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface ITensorRow<TSelf>
    where TSelf : ITensorRow<TSelf>
{
    /// <summary>Gets the tensors that a row spreads over, in slot order; compared with a model's signature before the first prediction.</summary>
    static abstract IReadOnlyList<TensorSpec> Tensors { get; }

    /// <summary>Reads a row.</summary>
    /// <param name="batch">The batch, laid out as <see cref="Tensors"/>.</param>
    /// <param name="row">The row, from 0.</param>
    /// <returns>The value.</returns>
    static abstract TSelf Read(TensorBatch batch, int row);

    /// <summary>Writes this value as a row; values that are not as wide as the tensor are refused, as <see cref="TensorBuffer{T}.WriteRow"/> does.</summary>
    /// <param name="batch">The batch, laid out as <see cref="Tensors"/>.</param>
    /// <param name="row">The row, from 0.</param>
    /// <exception cref="ArgumentException">A part of the value is not as wide as its tensor.</exception>
    void Write(TensorBatch batch, int row);
}
