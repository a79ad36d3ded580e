package cli

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"linli/internal/app"
	"linli/internal/archive"
	"linli/internal/platform/blob"
	"linli/internal/platform/config"
	"linli/internal/platform/database"
	"linli/internal/platform/lang"
)

func (p *program) backup() *cobra.Command {
	var o archive.BackupOptions
	cmd := &cobra.Command{
		Use: "backup FILE", Short: "Write everything into one file, while the program runs", Args: cobra.ExactArgs(1),
		Long: `The archive holds every table and attachment as of one moment and can be restored on either database engine. The key
file is left out unless --with-key is given: keep it apart, because who has both can read the sealed names.`,
		Example: "  linli backup /backup/linli-2026-11-21.linli --data ./data",
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, db, err := p.database(cmd, database.Options{ReadOnly: true})
			if err != nil {
				return err
			}
			defer db.Close()
			src, err := p.source(cfg, db)
			if err != nil {
				return err
			}
			report, err := archive.Backup(cmd.Context(), src, args[0], o, p.progress())
			if err != nil {
				return err
			}
			p.archived("written", report)
			return nil
		},
	}
	cmd.Flags().BoolVar(&o.WithKey, "with-key", false, "put the key file inside")
	cmd.Flags().BoolVar(&o.Overwrite, "overwrite", false, "replace a file of that name")
	return cmd
}

// database opens the database of the settings, alone: the rest of the program is not started.
func (p *program) database(cmd *cobra.Command, o database.Options) (config.Config, *database.DB, error) {
	cfg, _, err := p.settings(cmd)
	if err != nil {
		return cfg, nil, err
	}
	o.URL, o.Dir = cfg.DB, cfg.Data
	db, err := database.Open(cmd.Context(), o)
	return cfg, db, err
}

// source is what an archive is made of, or laid out in.
func (p *program) source(cfg config.Config, db *database.DB) (archive.Source, error) {
	files, err := blob.OpenFolder(filepath.Join(cfg.Data, "files"))
	if err != nil {
		return archive.Source{}, err
	}
	return archive.Source{DB: db, Schemas: app.Schemas(), Files: files, Key: filepath.Join(cfg.Data, app.KeyFile), Program: p.version}, nil
}

func (p *program) restore() *cobra.Command {
	var o archive.RestoreOptions
	var verify bool
	cmd := &cobra.Command{
		Use: "restore FILE", Short: "Lay an archive out in an empty folder or database", Args: cobra.ExactArgs(1),
		Long: `The archive is read and compared with its checksums first; then all of it goes in, or nothing. The target must be empty. The
key file that the names were sealed with must be in the data folder already, in the archive, or given with --key.`,
		Example: `  linli restore linli-2026-11-21.linli --data ./restored --key linli.key
  linli restore linli-2026-11-21.linli --db postgres://linli:secret@db/linli --data ./data
  linli restore linli-2026-11-21.linli --verify`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if verify {
				m, err := archive.Verify(cmd.Context(), args[0], p.progress())
				if err == nil {
					fmt.Fprintf(p.out, "\nwhole: as of %s, %d tables, %d attachments\n", m.At.Format("2006-01-02 15:04:05"), len(m.Tables), m.Files)
				}
				return err
			}
			cfg, db, err := p.database(cmd, database.Options{Upgrading: p.slowUpgrade})
			if err != nil {
				return err
			}
			defer db.Close()
			dst, err := p.source(cfg, db)
			if err != nil {
				return err
			}
			report, err := archive.Restore(cmd.Context(), args[0], dst, o, p.progress())
			if err != nil {
				return err
			}
			p.archived("restored", report)
			return nil
		},
	}
	cmd.Flags().StringVar(&o.Key, "key", "", "the key file the names were sealed with")
	cmd.Flags().BoolVar(&o.WithoutKey, "without-key", false, "the key is lost: restore all but names and phones")
	cmd.Flags().BoolVar(&verify, "verify", false, "only read the archive and compare it with its checksums")
	return cmd
}

func (p *program) progress() archive.Progress {
	return func(what lang.Text, done, total int64) { p.status(what.In(terminalLang()), done, total) }
}

func (p *program) archived(verb string, r archive.Report) {
	tag := terminalLang()
	p.clear()
	fmt.Fprintf(p.out, "%s %s: %d rows, %d attachments, %.1f MB, as of %s\n", verb, r.Path, r.Rows, r.Manifest.Files, float64(r.Size)/1e6, r.Manifest.At.Format("2006-01-02 15:04:05"))
	for _, n := range r.Notes {
		fmt.Fprintln(p.out, " ", n.In(tag))
	}
}
