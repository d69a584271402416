namespace Mlops.Data;

/// <summary>Opens the files that datasets read.</summary>
internal static class SourceFile
{
    /// <summary>Opens a file.</summary>
    /// <exception cref="EntityNotFoundException">There is no such file.</exception>
    /// <exception cref="StorageException">The file may not be read, or is a folder.</exception>
    public static Stream Open(string path)
    {
        try
        {
            if (Directory.Exists(path))
                throw new StorageException("local files", "read file", $"{path} is a folder, not a file. Name the file, or all files of the folder with a pattern such as {Path.Combine(path, "*.csv")}.");
            // The buffer of the reader is enough.
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new EntityNotFoundException("file", path, $"There is no file {path}. Check the path; it is taken relative to the working directory.", error);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new StorageException("local files", "read file", $"{path} could not be opened: {error.Message} Check who may read it, and that nobody is writing it.", error);
        }
    }

    /// <summary>Makes the exception for a compressed file that is cut off or damaged.</summary>
    public static DataFormatException Damaged(string path, long line, InvalidDataException error)
        => new(path, line, null, $"The compressed file is damaged: {error.Message} Compress it again.", error);
}
